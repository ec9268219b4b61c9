import { isDeepStrictEqual } from 'node:util'
import type { CardProcessor } from '../../../src/processor/card-processor'
import type { ProcessorContext } from '../../../src/processor/context'

/** Wraps a processor and checks its keys: one that comes with another question is noted in `mixed` and refused. */
export function strictProcessor(inner: CardProcessor) {
  const questions = new Map<string, unknown>()
  const mixed: string[] = []

  const strict =
    <Asked, Rest extends unknown[], T>(
      name: string,
      ask: (asked: Asked, context: ProcessorContext, ...rest: Rest) => Promise<T>
    ) =>
    async (asked: Asked, context: ProcessorContext, ...rest: Rest): Promise<T> => {
      const question = structuredClone([context.account, context.livemode, name, asked])
      const first = questions.get(context.idempotencyKey)
      if (first && !isDeepStrictEqual(first, question)) {
        mixed.push(JSON.stringify([first, question]))
        throw new Error('the key has come with another question')
      }
      questions.set(context.idempotencyKey, question)
      return ask(asked, context, ...rest)
    }

  const { payments, redeem, sharedPaymentMethod, tokenizeBankAccount } = inner
  const processor: CardProcessor = {
    ...inner,
    tokenize: strict('tokenize', inner.tokenize),
    verify: strict('verify', inner.verify),
    ...(redeem && { redeem: strict('redeem', redeem) }),
    ...(sharedPaymentMethod && { sharedPaymentMethod: strict('shared', sharedPaymentMethod) }),
    ...(tokenizeBankAccount && { tokenizeBankAccount: strict('bank account', tokenizeBankAccount) }),
    ...(payments && {
      payments: {
        ...(payments.authenticated && { authenticated: strict('authenticated', payments.authenticated) }),
        setUp: strict('set up', payments.setUp),
        authorize: strict('authorize', payments.authorize),
        capture: strict('capture', payments.capture),
        cancel: strict('cancel', payments.cancel),
        refund: strict('refund', payments.refund)
      }
    })
  }
  return { processor, mixed, keys: questions }
}
