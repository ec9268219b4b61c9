import { isDeepStrictEqual } from 'node:util'
import type { CardProcessor } from '../../../src/processor/card-processor'
import type { ProcessorContext } from '../../../src/processor/context'

/**
 * Keeps a processor's word about keys: the same key with the same question has the first answer; with another question
 * it is noted in `mixed`, and has the first answer as well.
 */
export function strictProcessor(inner: CardProcessor) {
  const seen = new Map<string, { question: unknown; answer: Promise<unknown> }>()
  const mixed: string[] = []
  const once = <T>(context: ProcessorContext, question: unknown, ask: () => Promise<T>): Promise<T> => {
    const key = context.idempotencyKey
    const first = seen.get(key)
    if (first) {
      if (!isDeepStrictEqual(first.question, question)) mixed.push(JSON.stringify([first.question, question]))
      return first.answer as Promise<T>
    }
    const answer = ask()
    seen.set(key, { question, answer })
    // Nothing is remembered of a failure.
    answer.catch((error: unknown) => {
      if (!(error instanceof Error && 'status' in error)) seen.delete(key)
    })
    return answer
  }
  const { payments } = inner
  const processor: CardProcessor = {
    ...inner,
    tokenize: (card, context) => once(context, ['tokenize', card], () => inner.tokenize(card, context)),
    verify: (token, context) => once(context, ['verify', token], () => inner.verify(token, context)),
    redeem: (token, context) => once(context, ['redeem', token], async () => inner.redeem?.(token, context)),
    sharedPaymentMethod: (id, context) =>
      once(context, ['shared', id], async () => inner.sharedPaymentMethod?.(id, context)),
    ...(payments && {
      payments: {
        ...payments,
        authorize: (payment, context) =>
          once(context, ['authorize', payment], async () => payments.authorize(payment, context))
      }
    })
  }
  return { processor, mixed, keys: seen }
}
