import { type Static, type TOptional, type TUnsafe, Type } from '@sinclair/typebox'
import type {
  BankAccountDetails,
  BankAccountType,
  TokenizedBankAccount
} from '../../../processor/bank-account'
import { ascending } from '../../../../plugins/json/json'
import { ref } from '../../../protocol/schemas'
import type { BillingDetails } from '../store'
import { acssDebit } from './acss-debit'
import { auBecsDebit } from './au-becs-debit'
import { bacsDebit } from './bacs-debit'
import { link } from './link'
import { sepaDebit } from './sepa-debit'
import { usBankAccount } from './us-bank-account'

/** Every type that the vault saves besides `card`, where its processor takes it. */
const bankAccounts = {
  acss_debit: acssDebit,
  au_becs_debit: auBecsDebit,
  bacs_debit: bacsDebit,
  link,
  sepa_debit: sepaDebit,
  us_bank_account: usBankAccount
} satisfies Record<BankAccountType, unknown>

type BankAccounts = typeof bankAccounts
type AnyBankAccount = BankAccounts[BankAccountType]

/** Every `type` that the wire documents, in its order. */
export const paymentMethodTypes = [
  'acss_debit',
  'affirm',
  'afterpay_clearpay',
  'alipay',
  'alma',
  'amazon_pay',
  'au_becs_debit',
  'bacs_debit',
  'bancontact',
  'billie',
  'bizum',
  'blik',
  'boleto',
  'card',
  'cashapp',
  'crypto',
  'custom',
  'customer_balance',
  'eps',
  'fpx',
  'giropay',
  'grabpay',
  'ideal',
  'kakao_pay',
  'klarna',
  'konbini',
  'kr_card',
  'link',
  'mb_way',
  'mobilepay',
  'multibanco',
  'naver_pay',
  'nz_bank_account',
  'oxxo',
  'p24',
  'pay_by_bank',
  'payco',
  'paynow',
  'paypal',
  'payto',
  'pix',
  'promptpay',
  'revolut_pay',
  'samsung_pay',
  'satispay',
  'scalapay',
  'sepa_debit',
  'sofort',
  'sunbit',
  'swish',
  'twint',
  'upi',
  'us_bank_account',
  'wechat_pay',
  'zip'
] as const

export const bankAccountTypes = Object.keys(bankAccounts) as readonly BankAccountType[]

export const isBankAccountType = (type: string): type is BankAccountType =>
  (bankAccountTypes as readonly string[]).includes(type)

/** Those that have a hash of their own when one is created, and that the vault does not save. */
export const otherTypes = paymentMethodTypes.filter((type) => type !== 'card' && !isBankAccountType(type))

/** Every `type` that an answer can have on the wire: those read at a till can't be created by a call. */
export const shownTypes = [...paymentMethodTypes, 'card_present', 'interac_present'].sort()

/** Returns what `of` makes of each type, under its name. */
const each = (of: (definition: AnyBankAccount) => unknown): Record<string, unknown> =>
  Object.fromEntries(bankAccountTypes.map((type) => [type, of(bankAccounts[type])]))

/** The hash of each type, when one is created. */
export const newBankAccounts = each(({ params }) => Type.Optional(params)) as {
  [T in BankAccountType]: TOptional<BankAccounts[T]['params']>
}

export type NewBankAccounts = { [T in BankAccountType]?: Static<BankAccounts[T]['params']> }

/** The component of each type's hash. */
export const bankAccountComponents = Object.values(bankAccounts).map(({ shown }) => shown)

/** The hash of each type, as a payment method shows it. */
export const bankAccountsShown = each(({ shown }) => Type.Optional(ref(shown))) as {
  [T in BankAccountType]: TOptional<TUnsafe<Static<BankAccounts[T]['shown']>>>
}

/** Returns a bank account as it was sent, for the processor; throws the wire's error where something is missing. */
export function bankAccountOf(
  type: BankAccountType,
  given: NewBankAccounts,
  billing: BillingDetails
): BankAccountDetails {
  const { detailsOf } = bankAccounts[type] as {
    detailsOf: (given: unknown, billing: BillingDetails) => BankAccountDetails
  }
  return detailsOf(given[type], billing)
}

type Details = Record<string, unknown>

/** Returns what is stored of a bank account. Key by key: nothing else of a host's object is kept. */
export function bankAccountDetails(account: TokenizedBankAccount): Details {
  const given: Details = { ...account }
  const stored: readonly string[] = bankAccounts[account.type].stored
  const details = Object.fromEntries(stored.map((key) => [key, given[key] ?? null]))
  if (account.type !== 'us_bank_account' || !account.networks) return details
  const { preferred, supported } = account.networks
  return { ...details, networks: { preferred, supported } }
}

/** Returns the hash that is named after the type; a browser is not shown the fingerprint. */
export function bankAccountToObject(
  type: BankAccountType,
  { fingerprint, ...details }: Details,
  publishable: boolean
): Details {
  const { constant }: { constant?: object } = bankAccounts[type]
  const shown = publishable || fingerprint === undefined ? {} : { fingerprint }
  return ascending({ ...details, ...constant, ...shown })
}
