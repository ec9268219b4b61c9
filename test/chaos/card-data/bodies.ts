import { randomUUID } from 'node:crypto'
import type { Operation } from '../isolation/operations'
import { formType, jsonType } from './client'
import type { Sender } from './sender'

/** Bodies that are cut, of another type, too large, or no UTF-8. */
export async function sendBodies(sender: Sender, operation: Operation): Promise<void> {
  const { client, marks, random, world } = sender
  const path = sender.pathOf(operation)
  for (const [type, body] of bodiesOf(sender))
    await client.raw('POST', path, { 'content-type': type, 'idempotency-key': randomUUID() }, body)
  const form = formOf(sender)
  const coded = { 'content-type': formType, 'content-encoding': 'gzip' }
  await client.raw('POST', path, coded, form)
  // Numbers that are sent as nothing else.
  await client.raw('POST', path, { 'content-type': random.pick(marks.contentTypes).text }, form)
  await client.bytes(
    `POST ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${world.secret}\r\nContent-Type: ${formType}\r\nContent-Length: 9999\r\n\r\n${form}`
  )
}

function bodiesOf(sender: Sender): [type: string, body: string | Buffer][] {
  const { random } = sender
  const [number, cvc] = [sender.card(), sender.cvc()]
  const account_number = random.pick(sender.marks.accounts.us_bank_account ?? []).text
  const card = { number, cvc, exp_month: 8, exp_year: 2033 }
  const json = JSON.stringify({ type: 'card', card, us_bank_account: { account_number } })
  const form = formOf(sender)
  const cut = (text: string): string => text.slice(0, -random.below(text.length / 2) - 1)
  return [
    [jsonType, json],
    [jsonType, cut(json)],
    [jsonType, `${json}${json}`],
    [jsonType, json.replaceAll(`"${number}"`, number)],
    [jsonType, `[${json}]`],
    [jsonType, JSON.stringify(json)],
    [jsonType, JSON.stringify({ card: { number: [number], cvc: { [cvc]: number } } })],
    [jsonType, Buffer.from(`${json}\xff`, 'latin1')],
    [formType, form],
    [formType, cut(form)],
    [formType, `${form}%zz`],
    [formType, `${form}%ff`],
    [formType, `${form}&card[number]=${number}&card=${number}&card[number][]=${number}`],
    [formType, `${form}&card]number[=${number}`],
    [formType, json],
    [jsonType, form],
    ['text/plain', form],
    ['text/xml', `<card><number>${number}</number></card>`],
    [
      'multipart/form-data; boundary=x',
      `--x\r\nContent-Disposition: form-data; name="card[number]"\r\n\r\n${number}\r\n--x--`
    ],
    ['', json],
    ...(random.chance(0.1) ? tooLarge(form, json) : [])
  ]
}

const tooLarge = (form: string, json: string): [string, string][] => [
  [formType, `${form}&x=${'x'.repeat(600_000)}`],
  [jsonType, `${json}${' '.repeat(600_000)}`]
]

const formOf = (sender: Sender): string =>
  `type=card&card[number]=${sender.card()}&card[cvc]=${sender.cvc()}&card[exp_month]=8&us_bank_account[account_number]=${sender.anyFor('us_bank_account')}`

/** What Node refuses before there is a request, and paths of which no route knows. */
export async function sendNoRequests(sender: Sender): Promise<void> {
  const { client } = sender
  const text = sender.card()
  for (const bytes of [
    `card[number]=${text}`,
    `POST /v1/tokens?number=${text}`,
    `POST /v1/tokens HTTP/1.1\r\n${text}\r\n\r\n`,
    `GET /${text}/%ff HTTP/1.1\r\nHost: a\r\n\r\n`,
    `GET /v1/customers/${text}/%zz HTTP/1.1\r\nHost: a\r\n\r\n`,
    `POST /v1/tokens HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n${text}`
  ])
    await client.bytes(bytes)
  for (const path of [
    `/${text}`,
    `/v1/${text}`,
    `/v1/customers/${text}/nothing`,
    `/v1/payment_methods/${sender.typed(text).replaceAll(' ', '%20')}`,
    `/v1/events/${text.replace(/./g, (each) => `%${each.charCodeAt(0).toString(16)}`)}`,
    `/v1/customers?limit=1#${text}`
  ])
    for (const method of ['GET', 'POST', 'PUT']) await client.raw(method, path)
}
