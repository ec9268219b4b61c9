import { ascending } from '../../../plugins/json/json'
import type { BankAccountHashes, BankAccountType, TokenizedBankAccount } from '../../processor/bank-account'

type Details = Record<string, unknown>

/** The keys of each hash that are stored. */
const stored: { [T in BankAccountType]: readonly (keyof BankAccountHashes[T])[] } = {
  acss_debit: ['bank_name', 'fingerprint', 'institution_number', 'last4', 'transit_number'],
  au_becs_debit: ['bsb_number', 'fingerprint', 'last4'],
  bacs_debit: ['fingerprint', 'last4', 'sort_code'],
  link: ['email'],
  sepa_debit: ['bank_code', 'branch_code', 'country', 'fingerprint', 'last4'],
  us_bank_account: [
    'account_holder_type',
    'account_type',
    'bank_name',
    'fingerprint',
    'last4',
    'networks',
    'routing_number'
  ]
}

/** Keys that are the same for every one of a type: nothing in this vault leads to anything else. */
const constant: Partial<Record<BankAccountType, Details>> = {
  sepa_debit: { generated_from: { charge: null, setup_attempt: null } },
  us_bank_account: { financial_connections_account: null, status_details: {} }
}

/** What is stored of a bank account. Key by key: nothing else of a host's object is kept. */
export function bankAccountDetails(account: TokenizedBankAccount): Details {
  const given: Details = { ...account }
  const details = Object.fromEntries(stored[account.type].map((key) => [key, given[key] ?? null]))
  if (account.type !== 'us_bank_account' || !account.networks) return details
  const { preferred, supported } = account.networks
  return { ...details, networks: { preferred, supported } }
}

/** The hash that the wire shows under the name of the type; a browser is not shown the fingerprint. */
export function bankAccountToObject(
  type: BankAccountType,
  { fingerprint, ...details }: Details,
  publishable: boolean
): Details {
  const shown = publishable || fingerprint === undefined ? {} : { fingerprint }
  return ascending({ ...details, ...constant[type], ...shown })
}
