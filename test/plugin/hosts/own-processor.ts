import { createHmac, randomUUID } from 'node:crypto'
import { type CardProcessor, CardRefused } from '../../../src/index'

/** A processor of a host's own. Where an acquirer's API would be called, two maps stand: nothing of it outlives the process. */
export function ownProcessor(fingerprintKey: string): CardProcessor {
  const declining = new Map<string, boolean>()
  const money = new Map<string, { amount: number; captured: number; refunded: number }>()
  const answers = new Map<string, Promise<unknown>>()

  // The same key, the same answer, and nothing done twice, even while the first call still runs. A refusal is an answer
  // too; of a failure nothing is remembered, for the vault asks again.
  const once = <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const known = answers.get(key) as Promise<T> | undefined
    if (known) return known
    const answer = work()
    answers.set(key, answer)
    answer.catch((error: unknown) => !(error instanceof CardRefused) && answers.delete(key))
    return answer
  }
  const accept = (token: string): void => {
    if (declining.get(token) === false) return
    throw new CardRefused({ code: 'card_declined', message: 'Your card was declined.' })
  }
  const moneyOf = (reference: string) => {
    const found = money.get(reference)
    if (!found) throw new Error('there is no such payment')
    return found
  }

  return {
    tokenize: ({ number, exp_month, exp_year, cvc }, { account, idempotencyKey }) =>
      once(idempotencyKey, async () => {
        const digits = number.replace(/\D/g, '')
        if (!/^4\d{15}$/.test(digits)) {
          throw new CardRefused({ code: 'incorrect_number', message: 'Visa cards only.', param: 'number' })
        }
        const token = randomUUID()
        declining.set(token, digits.endsWith('0002'))
        const hash = createHmac('sha256', fingerprintKey).update(`${account} ${digits}`).digest('hex')
        const checks = { address_line1_check: null, address_postal_code_check: null }
        return {
          ...{ token, brand: 'visa', display_brand: 'visa', funding: 'credit', country: null },
          ...{ exp_month, exp_year, last4: digits.slice(-4), fingerprint: hash.slice(0, 16) },
          networks: { available: ['visa'], preferred: null },
          ...{ three_d_secure_usage: null, regulated_status: null, verify: true },
          checks: { ...checks, cvc_check: cvc === undefined ? null : 'pass' }
        }
      }),
    verify: async (token) => {
      accept(token)
      return undefined
    },
    payments: {
      setUp: async ({ token }) => {
        accept(token)
        return { status: 'succeeded' }
      },
      authorize: ({ token, amount, capture }, { idempotencyKey }) =>
        once(idempotencyKey, async () => {
          accept(token)
          const reference = randomUUID()
          money.set(reference, { amount, captured: capture === 'automatic' ? amount : 0, refunded: 0 })
          return { status: 'authorized', reference }
        }),
      capture: ({ reference, amount_to_capture }, { idempotencyKey }) =>
        once(idempotencyKey, async () => {
          moneyOf(reference).captured = amount_to_capture
        }),
      cancel: ({ reference }, { idempotencyKey }) =>
        once(idempotencyKey, async () => {
          moneyOf(reference).amount = 0
        }),
      refund: ({ reference, amount_to_refund }, { idempotencyKey }) =>
        once(idempotencyKey, async () => {
          moneyOf(reference).refunded += amount_to_refund
        })
    }
  }
}
