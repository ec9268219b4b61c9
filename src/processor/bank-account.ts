import { WireError } from '../../plugins/errors/errors'

/**
 * A bank account as the caller typed it, by type. It passes through memory to the processor and is never
 * stored. `link` is an account at Link, which has no number.
 */
export type BankAccountDetails =
  | {
      type: 'acss_debit'
      account_number: string
      institution_number: string
      transit_number: string
      name?: string | undefined
    }
  | { type: 'au_becs_debit'; account_number: string; bsb_number: string; name?: string | undefined }
  | { type: 'bacs_debit'; account_number: string; sort_code: string; name?: string | undefined }
  | { type: 'link'; email?: string | undefined }
  | { type: 'sepa_debit'; iban: string; name?: string | undefined }
  | {
      type: 'us_bank_account'
      account_holder_type?: AccountHolderType | undefined
      account_number: string
      account_type?: AccountType | undefined
      routing_number: string
      name?: string | undefined
    }

/**
 * The stored fields of a bank account, by their wire names. The vault drops all others. No field may reveal
 * the number.
 */
export type TokenizedBankAccount = {
  [T in BankAccountType]: { type: T; token: string } & BankAccountHashes[T]
}[BankAccountType]

export type BankAccountType = keyof BankAccountHashes

/** The fields of each type that may be shown. */
export interface BankAccountHashes {
  acss_debit: Numbered & {
    bank_name: string | null
    /** Three digits. */
    institution_number: string | null
    /** Five digits. */
    transit_number: string | null
  }
  au_becs_debit: Numbered & {
    /** Six digits. */
    bsb_number: string | null
  }
  bacs_debit: Numbered & {
    /** Six digits. */
    sort_code: string | null
  }
  link: { email: string | null }
  sepa_debit: Numbered & {
    bank_code: string | null
    branch_code: string | null
    /** ISO 3166-1 alpha-2, capital letters. */
    country: string | null
  }
  us_bank_account: Numbered & {
    account_holder_type: AccountHolderType | null
    account_type: AccountType | null
    bank_name: string | null
    networks: { preferred: string | null; supported: BankNetwork[] } | null
    /** Nine digits. */
    routing_number: string | null
  }
}

interface Numbered {
  /**
   * 16 letters and digits: equal for the same account number within an account, different between accounts.
   */
  fingerprint: string | null
  last4: string | null
}

export type AccountHolderType = 'company' | 'individual'
export type AccountType = 'checking' | 'savings'
export type BankNetwork = 'ach' | 'us_domestic_wire'

/**
 * Why a bank account was refused. `param` is in bracket form, such as `sepa_debit[iban]`. No field may hold a
 * number.
 */
export interface BankAccountRefusal {
  code?: 'account_number_invalid' | 'bank_account_unusable' | 'routing_number_invalid' | undefined
  message: string
  param: string
}

/**
 * The 400 of a refused bank account. The idempotency key does not keep it: a retry asks the processor again.
 */
export class BankAccountRefused extends WireError {
  constructor({ code, message, param }: BankAccountRefusal) {
    super(400, { type: 'invalid_request_error', ...(code !== undefined && { code }), message, param })
  }
}
