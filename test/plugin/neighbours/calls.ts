import Stripe from 'stripe'
import type { Test } from 'tap'
import { typedCard } from '../../helpers/vault'
import type { Ask, Send, Sent } from './send'

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const json = { 'content-type': 'application/json' }

/** What a vault with these objects in its database answers alike wherever it is mounted, as long as the prefix is one. */
export function vaultCalls(prefix: string, key: string, { customer, paymentMethod }: Objects): Ask[] {
  const authorization = `Bearer ${key}`
  const v1 = `${prefix}/v1`
  const nested =
    'address[city]=Ulm&metadata[a]=1&metadata[0]=2&metadata[constructor]=3&preferred_locales[]=de'
  const calls: Ask[] = [
    { path: `${v1}/customers/${customer}` },
    { method: 'HEAD', path: `${v1}/customers/${customer}` },
    { path: `${v1}/payment_methods/${paymentMethod}?expand[]=customer` },
    { path: `${v1}/customers/${customer}/payment_methods?type=card&limit=3` },
    { path: `${v1}/customers?created[gt]=1&created[lt]=5000000000&limit=1&ending_before=cus_none` },
    { path: `${v1}/customers?crated[gt]=1` },
    { path: `${v1}/customers/cus_none` },
    { path: `${v1}/nowhere` },
    { method: 'PUT', path: `${v1}/customers` },
    { path: `${v1}/customers`, headers: { authorization: '' } },
    { path: `${v1}/customers`, headers: { authorization: 'Bearer sk_test_of_nobody_at_all' } },
    // Made once, answered ever after: the same body under the same key.
    { method: 'POST', path: `${v1}/customers`, headers: { ...form, 'idempotency-key': 'n' }, body: nested },
    {
      method: 'POST',
      path: `${v1}/customers/${customer}`,
      headers: json,
      body: '{"name":"Ada","phone":null}'
    },
    { method: 'POST', path: `${v1}/customers`, headers: json, body: '{"name":{"a":1},"nmae":"Ada"}' },
    { method: 'POST', path: `${v1}/customers`, headers: json, body: '{"broken' },
    { method: 'POST', path: `${v1}/customers`, headers: json, body: '{"__proto__":{"a":1}}' },
    { method: 'POST', path: `${v1}/customers`, headers: form, body: 'name=%zz' },
    { method: 'POST', path: `${v1}/customers`, headers: form, body: `description=${'x'.repeat(6000)}` },
    { method: 'POST', path: `${v1}/customers`, headers: { 'content-type': 'text/csv' }, body: 'a,b' },
    {
      method: 'POST',
      path: `${v1}/customers`,
      headers: { ...form, 'content-encoding': 'gzip' },
      body: 'a=b'
    },
    {
      method: 'POST',
      path: `${v1}/customers`,
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      body: '--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nAda\r\n--x--\r\n'
    },
    { method: 'POST', path: `${v1}/payment_methods`, headers: form, body: 'type=card&card[number]=4242' },
    { method: 'POST', path: `${v1}/payment_methods/${paymentMethod}/attach`, headers: form, body: '' }
  ]
  return calls.map((call) => ({ ...call, headers: { authorization, ...call.headers } }))
}

/** What a page's browser asks first; where a host answers that for its whole app, the answer is the host's. */
export const preflight = (prefix: string): Ask => ({
  method: 'OPTIONS',
  path: `${prefix}/v1/customers`,
  headers: {
    origin: 'https://shop.example',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization'
  }
})

export interface Objects {
  customer: string
  paymentMethod: string
}

/** The official SDK against one server: it creates, attaches, lists and is refused. */
export async function sdkWorks(t: Test, { prefix, key, send }: Mounted): Promise<Objects> {
  const stripe = new Stripe(key, {
    telemetry: false,
    maxNetworkRetries: 0,
    httpClient: Stripe.createFetchHttpClient(fetchThrough(send, prefix))
  })
  const customer = await stripe.customers.create({ name: 'Ada', metadata: { shop: '1' } })
  const { id } = await stripe.paymentMethods.create({
    type: 'card',
    card: typedCard,
    billing_details: { address: { city: 'Ulm' } }
  })
  const attached = await stripe.paymentMethods.attach(id, { customer: customer.id })
  t.equal(attached.customer, customer.id)
  const { data } = await stripe.paymentMethods.list({ customer: customer.id, expand: ['data.customer'] })
  t.match(data, [{ id, billing_details: { address: { city: 'Ulm' } }, customer: { name: 'Ada' } }])
  const other = await stripe.customers.create()
  const refusal = await stripe.paymentMethods
    .attach(id, { customer: other.id })
    .catch((error: unknown) => error)
  t.ok(refusal instanceof Stripe.errors.StripeInvalidRequestError)
  t.match(refusal, { statusCode: 400, message: /already been attached/, requestId: /^req_/ })
  return { customer: customer.id, paymentMethod: id }
}

export interface Mounted {
  url: string
  prefix: string
  key: string
  send: Send
}

/** The SDK has no word for a prefix, nor for HTTP/2: it is told to call through this. */
const fetchThrough = (send: Send, prefix: string): typeof fetch =>
  (async (input: string | URL, init: RequestInit = {}) => {
    const { pathname, search } = new URL(input)
    const headers = Object.fromEntries(new Headers(init.headers).entries())
    const body = typeof init.body === 'string' && init.body !== '' ? { body: init.body } : {}
    const sent = await send({
      method: init.method ?? 'GET',
      path: `${prefix}${pathname}${search}`,
      headers,
      ...body
    })
    return new Response(sent.body, { status: sent.status, headers: sent.headers })
  }) as typeof fetch

/** An answer without what is new in each, and without headers of the host's that no call of the wire has. */
export function wirePart({ status, headers, body }: Sent, as = { headers } as Pick<Sent, 'headers'>): Sent {
  const wire = new Set(as.headers.map(([name]) => name))
  const kept = headers
    .filter(([name]) => wire.has(name))
    .map(([name, value]): [string, string] => [
      name,
      name === 'request-id' ? value.replace(/\w{14}$/, '') : value
    ])
  return { status, headers: kept.sort(), body }
}
