import { randomUUID } from 'node:crypto'
import { published } from './marks'
import { moments, throws } from './processor'
import type { Sender } from './sender'

/** Cards from their typing to a refund: some that are none, some of which the date is over, some that come again. */
export async function sendCards(sender: Sender): Promise<void> {
  for (let i = 0; i < 12; i++) {
    const number = sender.typed(i % 3 === 2 ? sender.random.pick(published).text : sender.card())
    const cvc = sender.cvc().slice(0, i % 2 ? 4 : 20)
    const card = { number, cvc, exp_month: '8', exp_year: i % 4 === 3 ? '2001' : '2033' }
    await liveAsCard(sender, card)
  }
}

/** Each moment at which the processor may repeat them, and each thing it may throw; where there is one that does. */
export async function sendToSpite(sender: Sender): Promise<void> {
  for (const moment of moments)
    for (const what of throws) {
      const card = { number: sender.card(), cvc: sender.cvc(), exp_month: '8', exp_year: '2033' }
      await liveAsCard(sender, card, `${moment} ${what}`)
      if (moment === 'tokenize') await sendAccounts(sender, `${moment} ${what}`)
    }
}

/** `name` is whose card it is. */
async function liveAsCard(sender: Sender, card: Record<string, string>, name = 'none'): Promise<void> {
  const { client, world } = sender
  const { customer = '' } = world.ids
  const typed = hash('card', card)
  const token = await sender.make('/v1/tokens', { ...typed, 'card[name]': name })
  if (token) await sender.make('/v1/payment_methods', { type: 'card', 'card[token]': token })
  const body = { type: 'card', ...typed, 'billing_details[name]': name }
  const key = { 'idempotency-key': randomUUID() }
  const payment_method = await sender.make('/v1/payment_methods', body, key)
  await sender.make('/v1/payment_methods', body, key)
  await sender.make('/v1/payment_methods', { ...body, 'card[cvc]': '9' }, key)
  const data = within('payment_method_data', body)
  await sender.make('/v1/setup_intents', { customer, confirm: 'true', ...data })
  await pay(sender, data)
  if (!payment_method) return
  await pay(sender, { payment_method })
  await sender.make(`/v1/payment_methods/${payment_method}/attach`, { customer, [card.number ?? '']: '1' })
  await sender.make(`/v1/payment_methods/${payment_method}/attach`, { customer })
  await sender.make('/v1/setup_intents', { customer, payment_method, confirm: 'true' })
  await client.send(world.secret, 'GET', `/v1/payment_methods/${payment_method}`, { 'expand[0]': 'customer' })
  await sender.make(`/v1/payment_methods/${payment_method}/detach`, {})
}

async function pay(sender: Sender, how: Record<string, string>): Promise<void> {
  const { customer = '' } = sender.world.ids
  const money = { amount: '2000', currency: 'usd', customer, confirm: 'true' }
  for (const capture_method of ['automatic', 'manual']) {
    const intent = await sender.make('/v1/payment_intents', { ...money, ...how, capture_method })
    if (!intent) continue
    const then = sender.random.pick(['capture', 'cancel'])
    if (capture_method === 'manual') await sender.make(`/v1/payment_intents/${intent}/${then}`, {})
    await sender.make('/v1/refunds', { payment_intent: intent })
  }
}

/** Bank accounts of each type, also with a parameter that nobody knows. */
export async function sendAccounts(sender: Sender, name = 'none'): Promise<void> {
  const { customer = '' } = sender.world.ids
  for (const [type, marks] of Object.entries(sender.marks.accounts)) {
    const number = sender.typed(sender.random.pick(marks).text)
    const account = { ...beside[type], [type === 'sepa_debit' ? 'iban' : 'account_number']: number }
    const billing = { 'billing_details[name]': name, 'billing_details[email]': 'a@example.com' }
    const body = { type, ...hash(type, account), ...billing }
    const id = await sender.make('/v1/payment_methods', body)
    if (id) await sender.make(`/v1/payment_methods/${id}/attach`, { customer })
    await sender.make('/v1/payment_methods', { ...body, [`${type}[nothing]`]: number })
    await sender.make('/v1/setup_intents', { customer, ...within('payment_method_data', body) })
    if (type !== 'us_bank_account') continue
    const token = { country: 'US', currency: 'usd', account_holder_name: name, account_number: number }
    await sender.make('/v1/tokens', hash('bank_account', { ...token, routing_number: '110000000' }))
  }
}

/** What each type has but its number. */
const beside: Record<string, Record<string, string>> = {
  us_bank_account: { routing_number: '110000000', account_holder_type: 'individual' },
  acss_debit: { institution_number: '000', transit_number: '11000' },
  au_becs_debit: { bsb_number: '000000' },
  bacs_debit: { sort_code: '108800' }
}

const hash = (name: string, values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [`${name}[${key}]`, value]))

/** All of it one level deeper. */
const within = (name: string, params: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(params).map(([key, value]) => [`${name}[${key.replace(/(?=\[)|$/, ']')}`, value])
  )
