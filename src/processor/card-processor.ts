import type { CardChecks } from './card-checks'
import type { ProcessorContext } from './context'
import { WireError } from '../../plugins/errors/errors'
import type { BankAccountDetails, TokenizedBankAccount } from './bank-account'
import type { PaymentProcessor } from './payment-processor'

/**
 * Handles card numbers, which the vault never stores.
 *
 * The host passes its own to use an acquirer or a tokenization service; `testProcessor` is built in. The
 * vault may repeat a call with the same `context.idempotencyKey`, for a retry of a request whose answer was
 * lost. A repeated call must return the first call's outcome and have no second effect.
 * A key never comes with another question: requests that differ in account, kind of caller, endpoint, parameters or
 * claim share none.
 *
 * Throw `CardRefused` to refuse a card (402), and `BankAccountRefused` to refuse a bank account (400). Any
 * other error counts as a failure of the processor, and the caller may retry. Never put a number or a CVC in
 * an error.
 *
 * The members are properties, not methods, so that the compiler checks their parameters strictly. A class
 * with methods fits.
 */
export interface CardProcessor {
  /**
   * Whether `tokenize`, `verify`, `redeem`, `sharedPaymentMethod` and `tokenizeBankAccount` are pure: they depend on their
   * arguments alone and change nothing. Their idempotency key is then random, which saves two database round trips for
   * each call with an idempotency key. `payments` always gets stable keys. Default: false.
   */
  keyless?: boolean

  /**
   * Returns a token for a card, with the fields that may be shown. The vault stores the result and discards
   * the details.
   */
  tokenize: (card: CardDetails, context: ProcessorContext) => Promise<TokenizedCard>

  /**
   * Runs before a card with `verify: true` is attached, outside any transaction. Resolves to allow it: with
   * the results of new checks, or with undefined to keep those of `tokenize`. Throws `CardRefused` to refuse.
   */
  verify: (token: string, context: ProcessorContext) => Promise<CardChecks | undefined>

  /**
   * Returns the card of a token that the vault did not make (`card[token]=tok_visa`); undefined for an
   * unknown token. Omit it when there are no such tokens.
   */
  redeem?: (token: string, context: ProcessorContext) => Promise<TokenizedCard | undefined>

  /**
   * Returns the card of a shared id, each use of which makes a new payment method (`pm_card_visa`); undefined
   * for any other id. Omit it when there are no such ids.
   */
  sharedPaymentMethod?: (id: string, context: ProcessorContext) => Promise<TokenizedCard | undefined>

  /**
   * Returns a token for a bank account (or one at Link), with the fields that may be shown, of the same type.
   * The vault stores the result and discards the details. Returns undefined for a type that the processor
   * does not support; omit the method when it supports none. The caller then gets a 400.
   */
  tokenizeBankAccount?: (
    account: BankAccountDetails,
    context: ProcessorContext
  ) => Promise<TokenizedBankAccount | undefined>

  /** Sets cards up and takes payments. Omit it to only save cards: intents then get a 400. */
  payments?: PaymentProcessor
}

/** A card as the caller typed it. It passes through memory to the processor and is never stored. */
export interface CardDetails {
  /** May contain spaces and dashes. */
  number: string
  exp_month: number
  /** Two or four digits. */
  exp_year: number
  cvc?: string | undefined
  name?: string | undefined
  address?: CardAddress | undefined
  /** The cardholder's choice for a card with two networks. */
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

/** The stored fields of a card, by their wire names. No field may reveal the number. */
export interface TokenizedCard {
  /** The processor's token for later calls. The vault stores it unchanged. */
  token: string
  brand: CardBrand
  /** ISO 3166-1 alpha-2, capital letters. */
  country: string | null
  display_brand: string
  exp_month: number
  /** Four digits. */
  exp_year: number
  /** 16 letters and digits: equal for the same number within an account, different between accounts. */
  fingerprint: string
  funding: CardFunding
  last4: string
  networks: { available: CardBrand[]; preferred: PreferredNetwork | 'invalid_preference' | null }
  three_d_secure_usage: { supported: boolean } | null
  regulated_status: 'regulated' | 'unregulated' | null
  /**
   * The results shown after an attach. Before it, the vault shows `unchecked` for each result that is not
   * null.
   */
  checks: CardChecks
  /** Whether to call `verify` before each attach, at the cost of a second database round trip. */
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

/** Why a card was refused, by wire names. `code` is undefined where the wire has none. */
export interface CardRefusal {
  code: CardErrorCode | undefined
  message: string
  decline_code?: string | undefined
  /** The invalid parameter. Default: empty, as the wire sends for plain declines. */
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

/**
 * The 402 of a refused card. It copies known keys only, so that no other field of the host's object is sent.
 */
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
