import type { CardChecks } from './card-checks'
import type { ProcessorContext } from './context'

/**
 * What moves money, and sets a card up to be charged later. Each method may be called again with the same
 * `context.idempotencyKey`, also while a first call still runs or after one that was given up waiting for: it then has
 * to give the first call's outcome and do nothing a second time. None is called within a database transaction, and
 * what is asked is recorded before.
 *
 * To refuse, throw `CardRefused`: that is an answer, and final for this key. Whatever else is thrown, or no answer
 * within the vault's `processorTimeout`, leaves the outcome open, and the vault asks again with the same key.
 */
export interface PaymentProcessor {
  /** Makes sure that a card can be charged later, without charging it. */
  setUp: (setUp: SetUp, context: ProcessorContext) => Promise<SetUpOutcome | AuthenticationWanted>

  /** Reserves an amount on a card, or with `capture: 'automatic'` takes it at once. */
  authorize: (payment: Payment, context: ProcessorContext) => Promise<PaymentOutcome | AuthenticationWanted>

  /** Takes what was reserved, or a part of it; the rest is set free. */
  capture: (capture: Captured, context: ProcessorContext) => Promise<void>

  /** Sets free what was reserved. */
  cancel: (authorization: Authorized, context: ProcessorContext) => Promise<void>

  /** Gives back what was taken, or a part of it. Called once for each part. */
  refund: (refund: Refunded, context: ProcessorContext) => Promise<void>

  /**
   * How an authentication ended, for a processor that sends people to a page of its own (`AuthenticationWanted.url`):
   * asked when they come back from there. Leave it out where there is no such page.
   */
  authenticated?: (
    reference: string,
    context: ProcessorContext
  ) => Promise<'succeeded' | 'failed' | 'pending'>
}

export interface SetUp {
  /** From `tokenize`, or the newer one that an earlier set-up or payment gave. */
  token: string
  /** Whether the card is to be charged with its holder present, or also without. */
  usage: 'on_session' | 'off_session'
  /** The reference of an authentication that its holder has passed for this very set-up. */
  authentication?: string | undefined
  /** Where to send the holder back to from a page of the processor's own. */
  return_url: string
}

export interface SetUpOutcome {
  status: 'succeeded'
  /** What stands for the card from now on, where that changed: it may know of the mandate. */
  token?: string | undefined
  /** Outcomes of checks that were made just now. */
  checks?: CardChecks | undefined
}

export interface Payment {
  token: string
  /** In the smallest unit of the currency. */
  amount: number
  /** Three letters, lower case. */
  currency: string
  capture: 'automatic' | 'manual'
  /** Its holder is not there: they can't be asked to authenticate. */
  off_session: boolean
  /** The card is to be kept for later payments as well. */
  setup_future_usage: 'on_session' | 'off_session' | null
  /** The reference of an authentication that its holder has passed for this very payment. */
  authentication?: string | undefined
  return_url: string
}

export interface PaymentOutcome {
  status: 'authorized'
  /** What the processor wants to be given to capture, cancel or refund. It is written to the database as it is. */
  reference: string
  token?: string | undefined
  checks?: CardChecks | undefined
}

/** The card's holder must prove that it is them, and then the same is asked again with `authentication`. */
export interface AuthenticationWanted {
  status: 'requires_action'
  /** What the processor knows this authentication by. */
  reference: string
  /** Where to send them. Left out in test mode, they are sent to a page of the vault's. */
  url?: string | undefined
}

export interface Authorized {
  /** From `PaymentOutcome`. */
  reference: string
  /** What was authorised, in the smallest unit of the currency. */
  amount: number
  currency: string
}

export interface Captured extends Authorized {
  amount_to_capture: number
}

export interface Refunded extends Authorized {
  amount_to_refund: number
}
