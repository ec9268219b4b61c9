import type { CardChecks } from './card-checks'
import type { ProcessorContext } from './context'
import { WireError } from '../../plugins/errors/errors'
import type { BankAccountDetails, TokenizedBankAccount } from './bank-account'
import type { PaymentProcessor } from './payment-processor'

/**
 * Knows card numbers and moves money; the vault does neither.
 *
 * A host passes its own to talk to an acquirer or a tokenization service; `testProcessor` is the built-in one.
 * Every method may be called again with the same `context.idempotencyKey` (a retry of the same request after
 * an answer was lost) and then has to give the same outcome as before, without doing anything twice. A key never comes
 * with another question: requests that differ in account, kind of caller, endpoint, parameters or claim share none.
 *
 * To refuse a card, throw `CardRefused`: the caller is answered 402; to refuse a bank account,
 * `BankAccountRefused`, a 400. Anything else that is thrown is taken for a failure of the processor, and the caller
 * may try again. Never put a number or a CVC in any of them.
 *
 * The members are properties, not methods: so the compiler also refuses one that asks for more than it is given.
 * A class with methods fits.
 */
export interface CardProcessor {
  /**
   * True where `tokenize`, `verify`, `redeem`, `sharedPaymentMethod` and `tokenizeBankAccount` depend on their question
   * alone and change nothing, so that they need no idempotency key: it is then random. Saves two round trips to the
   * database for each call with an idempotency key. `payments` gets stable keys in any case. Default: false.
   */
  keyless?: boolean

  /**
   * Takes card details and gives back a token that stands for them, with what may be shown of the card.
   * The vault stores the answer and forgets the details.
   */
  tokenize: (card: CardDetails, context: ProcessorContext) => Promise<TokenizedCard>

  /**
   * Asked before a card with `verify: true` is attached to a customer. Resolves when it may be attached: with
   * the outcomes of checks that were made just now, or with undefined to leave those of `tokenize`. Throws
   * `CardRefused` to refuse. Called outside any database transaction.
   */
  verify: (token: string, context: ProcessorContext) => Promise<CardChecks | undefined>

  /**
   * `card[token]=tok_visa`: the card behind a token that the vault did not make itself; undefined where there
   * is none. Leave it out where such tokens do not exist.
   */
  redeem?: (token: string, context: ProcessorContext) => Promise<TokenizedCard | undefined>

  /**
   * The card behind an id that anyone may use and of which each use makes a new payment method
   * (`pm_card_visa`); undefined for every other id. Leave it out where such ids do not exist.
   */
  sharedPaymentMethod?: (id: string, context: ProcessorContext) => Promise<TokenizedCard | undefined>

  /**
   * Takes a bank account (or one at Link) and gives back a token that stands for it, with what may be shown; the
   * type must be the one that was given. The vault stores the answer and forgets the details. Undefined for a type
   * that the processor does not take; leave the method out where it takes none. Callers are then told by 400 that
   * the type is not saved here.
   */
  tokenizeBankAccount?: (
    account: BankAccountDetails,
    context: ProcessorContext
  ) => Promise<TokenizedBankAccount | undefined>

  /** Setting cards up for later and taking money. Leave it out to save cards only: intents are then refused by 400. */
  payments?: PaymentProcessor
}

/** A card as it was typed. It passes through memory to the processor and is kept nowhere. */
export interface CardDetails {
  /** May hold spaces and dashes. */
  number: string
  exp_month: number
  /** Four digits or two. */
  exp_year: number
  cvc?: string | undefined
  name?: string | undefined
  address?: CardAddress | undefined
  /** The cardholder's choice on a card of two networks. */
  preferred_network?: PreferredNetwork | undefined
}

export interface CardAddress {
  line1?: string | undefined
  line2?: string | undefined
  city?: string | undefined
  state?: string | undefined
  postal_code?: string | undefined
  country?: string | undefined
}

/** What the vault stores of a card, in the wire's own names. Nothing in it may lead back to the number. */
export interface TokenizedCard {
  /** What the processor wants to be given in later calls. It is written to the database as it is. */
  token: string
  brand: CardBrand
  /** ISO 3166-1 alpha-2, capital letters. */
  country: string | null
  display_brand: string
  exp_month: number
  /** Four digits. */
  exp_year: number
  /** 16 letters and digits: the same for the same number in the same account, another in every other. */
  fingerprint: string
  funding: CardFunding
  last4: string
  networks: { available: CardBrand[]; preferred: PreferredNetwork | 'invalid_preference' | null }
  three_d_secure_usage: { supported: boolean } | null
  regulated_status: 'regulated' | 'unregulated' | null
  /** As they will show once the card is attached; until then the vault shows `unchecked` for each not null. */
  checks: CardChecks
  /** True to be asked by `verify` before each attach. Such an attach costs a second trip to the database. */
  verify: boolean
}

export type CardFunding = 'credit' | 'debit' | 'prepaid' | 'unknown'
export type PreferredNetwork = 'cartes_bancaires' | 'mastercard' | 'visa'
export type CardBrand =
  | 'amex'
  | 'cartes_bancaires'
  | 'diners'
  | 'discover'
  | 'eftpos_au'
  | 'jcb'
  | 'link'
  | 'mastercard'
  | 'unionpay'
  | 'unknown'
  | 'visa'

/** Why a card was refused, in the wire's own names. `code` is undefined where the wire has none. */
export interface CardRefusal {
  code: CardErrorCode | undefined
  message: string
  decline_code?: string | undefined
  /** The parameter that is to blame. Left out, the wire shows an empty one, as it does for plain declines. */
  param?: string | undefined
  advice_code?: 'confirm_card_data' | 'do_not_try_again' | 'try_again_later' | undefined
  network_advice_code?: string | undefined
  network_decline_code?: string | undefined
}

export type CardErrorCode =
  | 'authentication_required'
  | 'card_decline_rate_limit_exceeded'
  | 'card_declined'
  | 'expired_card'
  | 'incorrect_address'
  | 'incorrect_cvc'
  | 'incorrect_number'
  | 'incorrect_zip'
  | 'invalid_cvc'
  | 'invalid_expiry_month'
  | 'invalid_expiry_year'
  | 'invalid_number'
  | 'processing_error'

/** The 402 of a refused card. Its keys are named one by one, so that nothing else of a host's object is sent. */
export class CardRefused extends WireError {
  constructor(refusal: CardRefusal) {
    const { advice_code, code, decline_code, message, network_advice_code, network_decline_code } = refusal
    super(
      402,
      {
        ...(advice_code !== undefined && { advice_code }),
        ...(code !== undefined && { code }),
        ...(decline_code !== undefined && { decline_code }),
        message,
        ...(network_advice_code !== undefined && { network_advice_code }),
        ...(network_decline_code !== undefined && { network_decline_code }),
        param: refusal.param ?? '',
        type: 'card_error'
      },
      { executed: true }
    )
  }
}
