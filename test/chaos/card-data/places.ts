import { randomUUID } from 'node:crypto'
import { ask } from '../isolation/asking'
import type { Operation } from '../isolation/operations'
import type { Sender } from './sender'

/** What callers may write as they like, is kept as their text, and shown to them. */
const ownText =
  /(^|\[)(metadata|name|description|email|phone|city|line1|line2|state|postal_code|address_\w+|value|footer|template|tax_id|business_name|individual_name|account_holder_name|receipt_email|carrier|tracking_number|return_url|url|country|invoice_prefix|statement_descriptor\w*|user_agent|query|page)\b|^preferred_locales/

/** One mark after another at each place that takes text. */
export async function sendToPlaces(sender: Sender, operation: Operation): Promise<void> {
  const { client, marks, random, world } = sender
  for (const place of [...operation.inPath.map((name) => `{${name}}`), ...operation.leaves]) {
    const own = ownText.test(place)
    const plain = own ? random.pick(marks.own).text : sender.anyFor(place)
    const id = random.chance(0.3) && !place.startsWith('{') ? sender.typed(plain) : plain
    const send = () => ask(client.send, world, operation, { place, id })
    await (own ? client.asOwn(send) : send())
  }
}

/** Where none belongs: parameters that nobody knows, their names, the query, headers. */
export async function sendAstray(sender: Sender, operation: Operation): Promise<void> {
  const { client, random, world } = sender
  const [card, cvc, account] = [sender.card(), sender.cvc(), sender.anyFor('account_number')]
  const path = sender.pathOf(operation)
  const strays: Record<string, string>[] = [
    { number: card, cvc },
    { 'card[number]': card, 'card[cvc]': cvc, 'card[nothing]': account },
    { [card]: cvc },
    { [`card[${card}]`]: '1' },
    { [`${sender.typed(card)}[${cvc}]`]: account },
    { limit: card, amount: card },
    { amount: `${sender.typed(card)}x`, created: account, confirm: card }
  ]
  for (const params of strays) {
    for (const [place, id] of Object.entries(params).slice(-1))
      await ask(client.send, world, operation, { place, id })
    await client.send(world.secret, operation.method, path, params)
    await client.send(world.secret, operation.method, `${path}?${String(new URLSearchParams(params))}`)
  }
  for (const name of headers)
    await ask(client.send, world, operation, { more: { [name]: random.pick([card, sender.typed(card)]) } })
  // A key that is wrong is told by its first eight characters and its last four, like any other.
  if (random.chance(0.1)) await client.send(card, operation.method, path)
  await client.asOwn(() => sendAsOwnText(sender, operation))
}

const headers = [
  ...['stripe-account', 'stripe-version', 'user-agent', 'x-card', 'cookie', 'referer', 'content-encoding'],
  ...['origin', 'x-forwarded-for', 'x-request-id']
]

async function sendAsOwnText({ client, marks, random, world }: Sender, operation: Operation): Promise<void> {
  const own = random.pick(marks.own).text
  await ask(client.send, world, operation, { place: 'metadata[note]', id: own })
  await ask(client.send, world, operation, { place: `metadata[${own}]`, id: own })
  const more = { 'idempotency-key': `${random.pick(marks.own).text}-${randomUUID()}` }
  await ask(client.send, world, operation, { more })
  await ask(client.send, world, operation, { more })
  await ask(client.send, world, operation, { more, place: 'expand[0]', id: 'nothing' })
}
