import type { BankAccountType } from '../../processor/bank-account'

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

/** Those that the vault saves besides `card`, where its processor takes them. */
export const bankAccountTypes = [
  'acss_debit',
  'au_becs_debit',
  'bacs_debit',
  'link',
  'sepa_debit',
  'us_bank_account'
] as const satisfies readonly BankAccountType[]

export const isBankAccountType = (type: string): type is BankAccountType =>
  (bankAccountTypes as readonly string[]).includes(type)

/** Those that have a hash of their own when one is created, and that the vault does not save. */
export const otherTypes = paymentMethodTypes.filter((type) => type !== 'card' && !isBankAccountType(type))

/** Every `type` that an answer can have on the wire: those read at a till can't be created by a call. */
export const shownTypes = [...paymentMethodTypes, 'card_present', 'interac_present'].sort()
