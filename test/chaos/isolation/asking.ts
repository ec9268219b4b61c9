import { randomCharacters } from '../../../src/protocol/values/ids'
import type { Operation } from './operations'
import { type Answer, furnish, type Send, type World } from './world'

/** A place of an endpoint: a parameter of its path in braces, or one of its body or query. */
export type Place = string

/** What a caller has to say beside the id, so that it is looked for. */
const required: Record<string, (own: Record<string, string>) => Record<string, string>> = {
  'POST /v1/payment_intents': () => ({ amount: '2000', currency: 'usd' }),
  'POST /v1/payment_methods': () => ({ type: 'card' }),
  'POST /v1/payment_methods/{payment_method}/attach': ({ customer = '' }) => ({ customer }),
  'POST /v1/tokens': () => ({ 'card[exp_month]': '8', 'card[exp_year]': '2033' }),
  'POST /v1/webhook_endpoints': () => ({ url: 'https://example.com/', 'enabled_events[0]': '*' }),
  'GET /v1/customers/search': ({ query = '' }) => ({ query, limit: '1' }),
  'GET /v1/payment_methods': ({ customer = '' }) => ({ customer }),
  'GET /v1/setup_attempts': ({ tried = '' }) => ({ setup_intent: tried })
}

export const endpointOf = ({ method, path }: Operation): string => `${method} ${path}`

/** Asks as `by` for what is its own, but for the id in one place. */
export async function ask(
  send: Send,
  by: World,
  operation: Operation,
  {
    place,
    id,
    secret,
    more = {}
  }: { place?: Place; id?: string; secret?: string; more?: Record<string, string> }
): Promise<Answer> {
  const path = operation.path.replace(/\{(\w+)\}/g, (_braces, name: string) =>
    encodeURIComponent(
      place === `{${name}}` && id !== undefined ? id : (by.ids[ownIn(operation, name)] ?? '')
    )
  )
  const params = { ...required[endpointOf(operation)]?.(by.ids) }
  if (place !== undefined && id !== undefined && !place.startsWith('{')) params[place] = id
  if (secret !== undefined) params.client_secret = secret
  const answer = await send(by.secret, operation.method, path, params, more)
  if (answer.status === 200) await again(send, by, operation, answer)
  return answer
}

/** Which of its own ids fits into a path. */
function ownIn({ path }: Operation, name: string): string {
  if (name === 'id') return 'event'
  if (path.endsWith('/attach')) return 'unattached'
  if (path.endsWith('/capture')) return 'to_capture'
  if (name === 'intent') return path.includes('setup_intents') ? 'setup_intent' : 'payment_intent'
  return name
}

/** Puts back what a call that succeeded has used up. */
async function again(send: Send, by: World, operation: Operation, answer: Answer): Promise<void> {
  const make = async (path: string, params: Record<string, string>): Promise<string> => {
    const { text } = await send(by.secret, 'POST', path, params)
    return (JSON.parse(text) as { id: string }).id
  }
  const card = () => make('/v1/payment_methods', { type: 'card', 'card[token]': 'tok_visa' })
  const { customer = '', payment_method = '' } = by.ids
  const money = { amount: '2000', currency: 'usd', customer, payment_method }
  const endpoint = endpointOf(operation)
  if (endpoint.endsWith('/attach')) by.ids.unattached = await card()
  else if (endpoint.endsWith('/detach') || endpoint === 'DELETE /v1/customers/{customer}')
    await furnish(by, send)
  else if (/payment_intents.*(confirm|cancel)$/.test(endpoint))
    by.ids.payment_intent = await make('/v1/payment_intents', money)
  else if (endpoint.endsWith('/capture'))
    by.ids.to_capture = await make('/v1/payment_intents', {
      ...money,
      confirm: 'true',
      capture_method: 'manual'
    })
  else if (/setup_intents.*(confirm|cancel)$/.test(endpoint))
    by.ids.setup_intent = await make('/v1/setup_intents', { customer, payment_method })
  else if (endpoint === 'POST /v1/webhook_endpoints') {
    const { id } = JSON.parse(answer.text) as { id: string }
    await send(by.secret, 'DELETE', `/v1/webhook_endpoints/${id}`)
  } else if (endpoint.startsWith('DELETE /v1/webhook_endpoints'))
    by.ids.webhook_endpoint = await make('/v1/webhook_endpoints', {
      url: 'https://example.com/',
      'enabled_events[0]': '*'
    })
}

/** One of the same form, which there is none of. */
export function nothingLike(id: string): string {
  const nothing = id.replace(/\w{8}(?=\W*$|@)/, (end) => randomCharacters(end.length).toLowerCase())
  return nothing === id ? `${id}${randomCharacters(8)}` : nothing
}

/** The answer without what differs from call to call: the id itself, ids and times that are made anew. */
export const comparable = ({ status, text, replayed }: Answer, id: string): string =>
  `${status} ${replayed} ` +
  [...new Set([id, JSON.stringify(id).slice(1, -1), encodeURIComponent(id), id.toLowerCase()])]
    .reduce((told, each) => told.replaceAll(each, '<id>'), text)
    .replace(/\b[a-z]+_(?:test_|live_)?[A-Za-z0-9]{14,}(?:_secret_\w+)?/g, '<new>')
    // What is too long is repeated by its ends.
    .replace(/(?<=: )\S{1,4}\.\.\.\S{4}(?=;)/g, '<id>')
    .replace(/\b[12]\d{9}\b/g, '<time>')
    .replace(/"invoice_prefix": "\w+"/, '')
    // Of the same account's other mode as much is told.
    .replace(
      /; a similar object exists in (?:live|test) mode, but a (?:live|test) mode key was used to make this request\./,
      ''
    )
