import { setTimeout as sleep } from 'node:timers/promises'
import { CardRefused, type CardProcessor } from '../../../src/processor/card-processor'
import type { ProcessorContext } from '../../../src/processor/context'
import type { PaymentProcessor } from '../../../src/processor/payment-processor'
import { testProcessor } from '../../../src/index'
import { fingerprintKey } from '../vault'

/** What goes wrong with one question to the processor. `late`: it is answered, when nobody waits any more. */
export type Fault = 'none' | 'fails before' | 'fails after' | 'hangs' | 'late'
export const faults: readonly Fault[] = ['none', 'fails before', 'fails after', 'hangs', 'late']

/** What the processor has done with one reservation of money. */
export interface Reserved {
  amount: number
  captured: number
  canceled: boolean
  refunded: number
}

export interface FlakyProcessor extends CardProcessor {
  payments: PaymentProcessor
  /** The next questions' faults, in their order; none where it is empty. */
  faults: Fault[]
  /** Every reservation there ever was, by the processor's reference. */
  money: Map<string, Reserved>
}

/**
 * The test processor with a memory of its own, as one that moves money has: what is asked again under a key is
 * answered as before and done once. Around that things go wrong as they are told to.
 */
export function flakyProcessor(): FlakyProcessor {
  const inner = testProcessor({ fingerprintKey })
  const money = new Map<string, Reserved>()
  const faults: Fault[] = []
  const answers = new Map<string, Promise<unknown>>()

  /** Once for each key, also when it is asked twice at the same time. */
  const done = <T>(context: ProcessorContext, effect: () => Promise<T>): Promise<T> => {
    let answer = answers.get(context.idempotencyKey) as Promise<T> | undefined
    if (!answer) answers.set(context.idempotencyKey, (answer = effect()))
    return answer
  }
  const faulty =
    <Args extends unknown[], T>(ask: (context: ProcessorContext, ...args: Args) => Promise<T>) =>
    async (context: ProcessorContext, ...args: Args): Promise<T> => {
      const fault = faults.shift() ?? 'none'
      if (fault === 'fails before') throw new Error('the line is dead')
      if (fault === 'hangs')
        return sleep(400, undefined, { ref: false }).then(() => Promise.reject(new Error('hung')))
      const answer = await ask(context, ...args).catch((error: unknown) => {
        if (error instanceof CardRefused && fault !== 'fails after') throw error
        throw fault === 'fails after' ? new Error('the line is dead') : error
      })
      if (fault === 'fails after') throw new Error('the line is dead')
      if (fault === 'late') await sleep(300, undefined, { ref: false })
      return answer
    }
  const reserved = (reference: string): Reserved => {
    const found = money.get(reference)
    if (!found) throw new Error(`the processor was asked about ${reference}, which it never gave out`)
    return found
  }

  const payments: PaymentProcessor = {
    setUp: (setUp, context) =>
      faulty(() => done(context, () => inner.payments.setUp(setUp, context)))(context),
    authorize: (payment, context) =>
      faulty(() =>
        done(context, async () => {
          const outcome = await inner.payments.authorize(payment, context)
          if (outcome.status === 'authorized') {
            const { amount } = payment
            const captured = payment.capture === 'automatic' ? amount : 0
            // Another reservation under another key, whatever it is called there.
            money.set(outcome.reference, { amount, captured, canceled: false, refunded: 0 })
          }
          return outcome
        })
      )(context),
    capture: (capture, context) =>
      faulty(() =>
        done(context, async () => {
          const of = reserved(capture.reference)
          if (of.canceled || of.captured > 0) throw new Error('it can not be captured')
          of.captured = capture.amount_to_capture
        })
      )(context),
    cancel: ({ reference }, context) =>
      faulty(() =>
        done(context, async () => {
          const of = reserved(reference)
          if (of.captured > 0) throw new Error('it can not be canceled')
          of.canceled = true
        })
      )(context),
    refund: (refund, context) =>
      faulty(() =>
        done(context, async () => {
          const of = reserved(refund.reference)
          of.refunded += refund.amount_to_refund
          if (of.refunded > of.captured) throw new Error('more was given back than was taken')
        })
      )(context)
  }
  return { ...inner, payments, faults, money }
}
