import { WireError } from '../../plugins/errors/errors'

/**
 * A bank account as it was typed, by type. It passes through memory to the processor and is kept nowhere. `link`
 * is an account at Link in place of a bank's, and has no number.
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
 * What the vault stores of a bank account, in the wire's own names: these and nothing else that a processor may
 * give. Nothing in it may lead back to the number.
 */
export type TokenizedBankAccount = {
  [T in BankAccountType]: { type: T; token: string } & BankAccountHashes[T]
}[BankAccountType]

export type BankAccountType = keyof BankAccountHashes

/** What may be shown of each type. */
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

export interface Numbered {
  /** 16 letters and digits: the same for the same account number in the same account, another in every other. */
  fingerprint: string | null
  last4: string | null
}

export type AccountHolderType = 'company' | 'individual'
export type AccountType = 'checking' | 'savings'
export type BankNetwork = 'ach' | 'us_domestic_wire'

/** Why a bank account was refused: `param` in bracket form, such as `sepa_debit[iban]`. No number in any of it. */
export interface BankAccountRefusal {
  code?: 'account_number_invalid' | 'bank_account_unusable' | 'routing_number_invalid' | undefined
  message: string
  param: string
}

/** The 400 of a refused bank account. It is not kept under an idempotency key: the next call asks again. */
export class BankAccountRefused extends WireError {
  constructor({ code, message, param }: BankAccountRefusal) {
    super(400, { type: 'invalid_request_error', ...(code !== undefined && { code }), message, param })
  }
}
