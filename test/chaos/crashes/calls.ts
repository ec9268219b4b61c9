import type { Heard } from '../harness/caller'

/** One call under its key, sent until it is acknowledged. */
export interface CrashCall {
  key: string
  path: string
  body: string
  /** The events that it has to write, each with the id of its object; null where the answer tells that. */
  events: readonly [type: string, object: string | null][]
  /** What acknowledged it. */
  heard?: Heard
  /** Sent at least once with nobody knowing what came of it. */
  lost: boolean
}

/** Calls that come one after another. */
export type Script = readonly CrashCall[]

export const crashCustomers = 10_000

/** What the client of that number does; each has a payment method of its own. Without `setUps`, no setup intents. */
export function scriptOf(number: number, setUps: boolean): Script {
  const id = `pm_bench${String(number).padStart(18, '0')}`
  const customer = `cus_bench${String(number % crashCustomers).padStart(5, '0')}`
  const call = (step: string, path: string, body: string, events: CrashCall['events']): CrashCall => ({
    ...{ key: `${number} ${step}`, path: `/v1/${path}`, body, events },
    lost: false
  })
  const attach = (more: string): CrashCall =>
    call('attach', `payment_methods/${id}/attach`, `customer=${customer}${more}`, [
      ['payment_method.attached', id]
    ])
  const detach = (more: string): CrashCall =>
    call('detach', `payment_methods/${id}/detach`, more, [['payment_method.detached', id]])
  switch (number % 16) {
    case 0:
    case 1:
      return [attach('&expand[]=customer'), detach('expand[]=customer')]
    case 2:
    case 3:
      return [attach(''), detach('')]
    case 4:
    case 5:
    case 6:
      return [call('create', 'customers', `name=${number}`, [['customer.created', null]])]
    case 7:
    case 8:
    case 9:
      return [
        call('create', 'customers', `payment_method=${id}`, [
          ['customer.created', null],
          ['payment_method.attached', id]
        ])
      ]
    case 10:
      if (!setUps) return [attach('')]
      return [
        call('set up', 'setup_intents', `confirm=true&customer=${customer}&payment_method=${id}`, [
          ['payment_method.attached', id],
          ['setup_intent.created', null],
          ['setup_intent.succeeded', null]
        ])
      ]
    default:
      return [attach('')]
  }
}
