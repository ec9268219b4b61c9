import { type Database } from '../../../plugins/database/database'
import { createKey } from '../../../src/resources/accounts/keys'
import { insertAccount } from '../../../src/resources/accounts/store'
import { newId } from '../../../src/protocol/values/ids'

/** One account in one mode: its keys, and what it has. */
export interface World {
  name: string
  account: string
  livemode: boolean
  secret: string
  publishable: string
  /** Text that stands in what it has, and nowhere else. */
  mark: string
  /** Of each kind one, by the name of a parameter that takes it. */
  ids: Record<string, string>
}

export interface Answer {
  status: number
  text: string
  replayed: boolean
}

export type Send = (
  key: string,
  method: string,
  path: string,
  params?: Record<string, string>,
  headers?: Record<string, string>
) => Promise<Answer>

export async function newWorld(db: Database, send: Send, name: string, account?: string): Promise<World[]> {
  const id = account ?? newId('acct')
  if (account === undefined) await insertAccount(db, id)
  return Promise.all(
    [false, true].map(async (livemode) => {
      const mode = livemode ? 'live' : 'test'
      const world: World = {
        ...{ name: `${name} in ${mode} mode`, account: id, livemode, mark: `only${name}${mode}`, ids: {} },
        secret: await createKey(db, { account: id, livemode, kind: 'secret' }),
        publishable: await createKey(db, { account: id, livemode, kind: 'publishable' })
      }
      await furnish(world, send)
      return world
    })
  )
}

type Made = Record<string, string> & { latest_charge: string; next_page: string; data: Made[] }

/** Gives it one of each kind of object, anew. */
export async function furnish(world: World, send: Send): Promise<void> {
  const call = async (method: string, path: string, params: Record<string, string> = {}): Promise<Made> => {
    const { status, text } = await send(world.secret, method, path, params)
    if (status !== 200) throw new Error(`${method} ${path} answered ${status}: ${text}`)
    return JSON.parse(text) as Made
  }
  const { mark } = world
  const first = async (path: string): Promise<string> => (await call('GET', path)).data[0]?.id ?? ''
  const card = async () =>
    String((await call('POST', '/v1/payment_methods', { ...newCard, ...marked(mark) })).id)

  const customer = String((await call('POST', '/v1/customers', { ...marked(mark), ...person(mark) })).id)
  await call('POST', '/v1/customers', { ...marked(mark), ...person(mark) })
  const [payment_method, unattached, spent] = [await card(), await card(), await card()]
  await call('POST', `/v1/payment_methods/${payment_method}/attach`, { customer })
  const money = { amount: '2000', currency: 'usd', ...marked(mark) }
  const charged = await call('POST', '/v1/payment_intents', {
    ...money,
    confirm: 'true',
    payment_method: spent
  })
  const held = { ...money, customer, payment_method, confirm: 'true', capture_method: 'manual' }
  const to_capture = await call('POST', '/v1/payment_intents', held)
  const payment_intent = await call('POST', '/v1/payment_intents', { ...money, customer, payment_method })
  const refund = await call('POST', '/v1/refunds', {
    charge: charged.latest_charge,
    amount: '100',
    ...marked(mark)
  })
  const setup_intent = await call('POST', '/v1/setup_intents', { customer, payment_method, ...marked(mark) })
  const set_up = { customer, payment_method, confirm: 'true' }
  const tried = await call('POST', '/v1/setup_intents', set_up)
  const attempts = `/v1/setup_attempts?setup_intent=${tried.id}`
  const endpoint = { url: 'https://example.com/', 'enabled_events[0]': '*', description: mark }
  const found = await call('GET', '/v1/customers/search', { query: `name:"${mark}"`, limit: '1' })
  world.ids = {
    ...{ customer, payment_method, unattached },
    payment_intent: String(payment_intent.id),
    paid: String(charged.id),
    to_capture: String(to_capture.id),
    charge: charged.latest_charge,
    refund: String(refund.id),
    setup_intent: String(setup_intent.id),
    tried: String(tried.id),
    setup_attempt: await first(attempts),
    token: String((await call('POST', '/v1/tokens', tokenCard)).id),
    event: await first('/v1/events'),
    webhook_endpoint:
      world.ids.webhook_endpoint ?? String((await call('POST', '/v1/webhook_endpoints', endpoint)).id),
    payment_intent_secret: String(payment_intent.client_secret),
    setup_intent_secret: String(setup_intent.client_secret),
    email: `${mark}@example.com`,
    mark,
    query: `name:"${mark}"`,
    page: found.next_page
  }
}

const newCard = { type: 'card', 'card[token]': 'tok_visa' }
const tokenCard = { 'card[number]': '4242424242424242', 'card[exp_month]': '8', 'card[exp_year]': '2033' }
const marked = (mark: string) => ({ 'metadata[mark]': mark })
const person = (mark: string) => ({ name: mark, email: `${mark}@example.com` })
