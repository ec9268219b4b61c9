import type { CardChecks } from './card-checks'
import type { ProcessorContext } from './context'

/**
 * Moves money, and sets cards up for later charges. The vault may repeat a call with the same
 * `context.idempotencyKey`, even while the first one runs or after it timed out. A repeated call must return
 * the first call's outcome and have no second effect. The vault records each call first, and makes it outside
 * database transactions.
 *
 * Throw `CardRefused` to refuse: that outcome is final for the key. Any other error, or no answer within the
 * vault's `processorTimeout`, leaves the outcome open, and the vault calls again with the same key.
 */
export interface PaymentProcessor {
  /** Verifies that a card can be charged later, without a charge. */
  setUp: (setUp: SetUp, context: ProcessorContext) => Promise<SetUpOutcome | AuthenticationWanted>

  /** Reserves an amount on a card; with `capture: 'automatic'` it takes the amount immediately. */
  authorize: (payment: Payment, context: ProcessorContext) => Promise<PaymentOutcome | AuthenticationWanted>

  /** Takes all or a part of a reserved amount, and releases the rest. */
  capture: (capture: Captured, context: ProcessorContext) => Promise<void>

  /** Releases a reserved amount. */
  cancel: (authorization: Authorized, context: ProcessorContext) => Promise<void>

  /** Refunds all or a part of what was taken. Called once for each part. */
  refund: (refund: Refunded, context: ProcessorContext) => Promise<void>

  /**
   * Returns the result of an authentication on the processor's own page (`AuthenticationWanted.url`), once
   * the holder returns. Omit it when there is no such page.
   */
  authenticated?: (
    reference: string,
    context: ProcessorContext
  ) => Promise<'succeeded' | 'failed' | 'pending'>
}

export interface SetUp {
  /** From `tokenize`, or the latest token that a set-up or a payment returned. */
  token: string
  /** Whether later charges have the holder present (`on_session`) or not. */
  usage: 'on_session' | 'off_session'
  /** The reference of an authentication that the holder has passed for this set-up. */
  authentication?: string | undefined
  /** Where the processor's own page sends the holder back to. */
  return_url: string
}

export interface SetUpOutcome {
  status: 'succeeded'
  /** The card's new token, where it changed: it may include the mandate. */
  token?: string | undefined
  /** The results of checks made during this call. */
  checks?: CardChecks | undefined
}

export interface Payment {
  token: string
  /** In the smallest unit of the currency. */
  amount: number
  /** Three letters, lower case. */
  currency: string
  capture: 'automatic' | 'manual'
  /** True when the holder is absent and can't authenticate. */
  off_session: boolean
  /** How the card is saved for later payments; null when it is not. */
  setup_future_usage: 'on_session' | 'off_session' | null
  /** The reference of an authentication that the holder has passed for this payment. */
  authentication?: string | undefined
  return_url: string
}

export interface PaymentOutcome {
  status: 'authorized'
  /** The processor's reference for capture, cancel and refund. The vault stores it unchanged. */
  reference: string
  token?: string | undefined
  checks?: CardChecks | undefined
}

/** The holder must authenticate. The vault then calls again with `authentication`. */
export interface AuthenticationWanted {
  status: 'requires_action'
  /** The processor's id of this authentication. */
  reference: string
  /** Where to send the holder. Omit it in test mode to use the vault's own page. */
  url?: string | undefined
}

export interface Authorized {
  /** From `PaymentOutcome`. */
  reference: string
  /** The authorized amount, in the smallest unit of the currency. */
  amount: number
  currency: string
}

export interface Captured extends Authorized {
  amount_to_capture: number
}

export interface Refunded extends Authorized {
  amount_to_refund: number
}
