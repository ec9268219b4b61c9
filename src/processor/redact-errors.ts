import { WireError } from '../../plugins/errors/errors'
import { maskNumbers } from '../../plugins/errors/mask-numbers'
import type { BankAccountDetails } from './bank-account'
import type { CardProcessor } from './card-processor'
import type { PaymentProcessor } from './payment-processor'

/**
 * Wraps the host's processor and redacts all errors that it throws. No card number reaches an answer, the
 * database or the log, nor does the CVC or account number of the current call. A failure keeps only its name,
 * message, code, causes and stack, because HTTP clients repeat the request in other fields.
 */
export function redactErrors(processor: CardProcessor): CardProcessor {
  const { payments } = processor
  return {
    ...(processor.keyless !== undefined && { keyless: processor.keyless }),
    tokenize: (card, context) => redacting(() => processor.tokenize(card, context), [card.number, card.cvc]),
    verify: (token, context) => redacting(() => processor.verify(token, context)),
    ...(processor.redeem && {
      redeem: (token, context) => redacting(async () => processor.redeem?.(token, context))
    }),
    ...(processor.sharedPaymentMethod && {
      sharedPaymentMethod: (id, context) =>
        redacting(async () => processor.sharedPaymentMethod?.(id, context))
    }),
    ...(processor.tokenizeBankAccount && {
      tokenizeBankAccount: (account, context) =>
        redacting(async () => processor.tokenizeBankAccount?.(account, context), [numberOf(account)])
    }),
    ...(payments && { payments: redactPaymentErrors(payments) })
  }
}

function redactPaymentErrors(payments: PaymentProcessor): PaymentProcessor {
  const authenticated = payments.authenticated?.bind(payments)
  return {
    setUp: (asked, context) => redacting(() => payments.setUp(asked, context)),
    authorize: (asked, context) => redacting(() => payments.authorize(asked, context)),
    capture: (asked, context) => redacting(() => payments.capture(asked, context)),
    cancel: (asked, context) => redacting(() => payments.cancel(asked, context)),
    refund: (asked, context) => redacting(() => payments.refund(asked, context)),
    ...(authenticated && {
      authenticated: (reference, context) => redacting(() => authenticated(reference, context))
    })
  }
}

function numberOf(account: BankAccountDetails): string | undefined {
  if ('account_number' in account) return account.account_number
  return 'iban' in account ? account.iban : undefined
}

type Redact = (text: string) => string

async function redacting<T>(ask: () => Promise<T>, secrets: (string | undefined)[] = []): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    const patterns = secrets.flatMap(patternOf)
    const redact: Redact = (text) =>
      patterns.reduce(
        (all, pattern) => all.replace(pattern, '****'),
        maskNumbers(text).replace(namedCvc, '$1***')
      )
    throw error instanceof WireError ? redactRefusal(error, redact) : redactFailure(error, redact)
  }
}

// Matches a CVC that a processor has stored, which no processor may do.
const namedCvc = /(\b(?:cvc|cvv|csc|cid)\d?\W{1,8})\d{3,4}(?!\d)/gi

/**
 * Returns a pattern for a secret in any grouping. A text with fewer than three digits is no number, and words
 * could match it.
 */
function patternOf(secret: string | undefined): RegExp[] {
  const characters = secret?.match(/[a-z\d]/gi) ?? []
  if (characters.filter((each) => /\d/.test(each)).length < 3) return []
  return [new RegExp(characters.slice(0, 40).join('[^a-z\\d]{0,3}'), 'gi')]
}

function redactRefusal(error: WireError, clean: Redact): WireError {
  for (const [name, value] of Object.entries(error.fields))
    if (typeof value === 'string') error.fields[name] = clean(value)
  error.message = clean(error.message)
  error.stack = stackOf(error, clean, error.stack)
  delete error.cause
  return error
}

/** Returns a copy of a failure for the log. The caller never gets it. */
function redactFailure(thrown: unknown, clean: Redact, depth = 0): Error {
  if (!(thrown instanceof Error))
    return new Error(
      typeof thrown === 'string' ? clean(thrown) : 'the processor threw a value that is no Error'
    )
  const error = new Error(clean(thrown.message))
  error.name = clean(thrown.name)
  error.stack = stackOf(error, clean, thrown.stack)
  const { code } = thrown as { code?: unknown }
  if (typeof code === 'string' || typeof code === 'number')
    Object.assign(error, { code: clean(String(code)) })
  if (thrown.cause !== undefined && depth < 3) error.cause = redactFailure(thrown.cause, clean, depth + 1)
  return error
}

/** The first lines of a stack repeat the original message. */
const stackOf = ({ name, message }: Error, clean: Redact, stack = ''): string =>
  [`${name}: ${message}`, ...stack.split('\n').filter((line) => /^ {4}at /.test(line))].map(clean).join('\n')
