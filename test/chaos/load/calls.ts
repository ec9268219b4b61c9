import type { Heard } from './connection'

/** One call of the mix, and what may be answered to it. */
export interface LoadCall {
  method: 'GET' | 'POST'
  path: string
  body: string
  /** The idempotency key of a POST. */
  key: string
  /** The statuses that the rules have for it. */
  statuses: readonly number[]
  /** The events that it has to write when it is done, each with its object's id; null where the answer tells that. */
  events: readonly [type: string, object: string | null][]
  /** What its answer is, and what is in the table of that name. */
  made?: 'customers' | 'payment_methods' | 'setup_intents'
  heard?: Heard
  /** Why there was no answer. */
  lost?: string
}

export const customers = 10_000

const card = 'type=card&card[number]=4242424242424242&card[exp_month]=8&card[exp_year]=2033&card[cvc]=314'

/** The calls of one step, which come one after another; the next one may need what the last one gave. */
export function* scriptOf(number: number): Generator<LoadCall, void, Heard | undefined> {
  const id = `pm_bench${String(number).padStart(18, '0')}`
  const customer = `cus_bench${String((number * 7919) % customers).padStart(5, '0')}`
  const get = (path: string, statuses = [200]): LoadCall => ({
    ...{ method: 'GET', path: `/v1/${path}`, body: '', key: '', statuses, events: [] }
  })
  const post = (path: string, body: string, more: Partial<LoadCall>): LoadCall => ({
    ...{ method: 'POST', path: `/v1/${path}`, body, key: `${number} ${path}`, statuses: [200], events: [] },
    ...more
  })
  const attach = (more: Partial<LoadCall> = {}): LoadCall =>
    post(`payment_methods/${id}/attach`, `customer=${customer}`, {
      events: [['payment_method.attached', id]],
      ...more
    })
  switch (number % 10) {
    case 0:
      yield post('customers', `name=${number}&metadata[a]=b`, {
        events: [['customer.created', null]],
        made: 'customers'
      })
      return
    case 1:
      yield post('payment_methods', card, { made: 'payment_methods' })
      return
    case 2: {
      const made = yield post('setup_intents', `customer=${customer}`, {
        events: [['setup_intent.created', null]],
        made: 'setup_intents'
      })
      if (made?.status !== 200) return
      const { id: intent } = JSON.parse(made.text) as { id: string }
      yield post(`setup_intents/${intent}/confirm`, `payment_method=${id}`, {
        events: [
          ['payment_method.attached', id],
          ['setup_intent.succeeded', intent]
        ]
      })
      return
    }
    case 3:
    case 4:
      yield get(`payment_methods/${id}`)
      yield get(`customers/${customer}`)
      return
    case 5:
      yield get(`payment_methods?customer=${customer}&limit=10`)
      yield get(`payment_methods/pm_none${number}`, [404])
      return
    case 6: {
      const done = yield attach()
      const other = `customer=cus_bench${String((number + 1) % customers).padStart(5, '0')}`
      const again = { key: `${number} again`, body: other, statuses: [400], events: [] }
      // One payment method, one customer.
      if (done?.status === 200 && other !== `customer=${customer}`) yield attach(again)
      return
    }
    default:
      yield attach()
  }
}

/** The bytes of a call. */
export function bytesOf({ method, path, body, key }: LoadCall, secretKey: string): string {
  const head = `${method} ${path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${secretKey}\r\n`
  if (method === 'GET') return `${head}\r\n`
  return `${head}content-type: application/x-www-form-urlencoded\r\ncontent-length: ${body.length}\r\nidempotency-key: ${key}\r\n\r\n${body}`
}
