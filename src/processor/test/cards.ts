import type { CardRefusal } from '../card-processor'
import type { TestCard, TestCardMore } from './card'
import { testCard } from './card'
import * as refusals from './card-refusals'
import { TEST_CARDS_BY_COUNTRY } from './cards-by-country'

const declines = (decline: CardRefusal): TestCardMore => ({
  attach: 'declines',
  confirm: 'declines',
  decline
})

// Each of these ids is published with and without the brand.
const declined = (why: string): string[] => [`visa_chargeDeclined${why}`, `chargeDeclined${why}`]

/** The published test cards with an outcome of their own, in published order. */
export const TEST_CARDS: readonly TestCard[] = [
  testCard('4242424242424242', 'visa', ['visa', 'us']),
  testCard('4000056655665556', 'visa', ['visa_debit'], { funding: 'debit' }),
  testCard('5555555555554444', 'mastercard', ['mastercard']),
  testCard('2223003122003222', 'mastercard', []),
  testCard('5200828282828210', 'mastercard', ['mastercard_debit'], { funding: 'debit' }),
  testCard('5105105105105100', 'mastercard', ['mastercard_prepaid'], { funding: 'prepaid' }),
  testCard('378282246310005', 'amex', ['amex_threeDSecureNotSupported'], { threeDSecure: false }),
  testCard('371449635398431', 'amex', ['amex']),
  testCard('6011111111111117', 'discover', []),
  testCard('6011000990139424', 'discover', ['discover']),
  testCard('6011981111111113', 'discover', [], { funding: 'debit' }),
  testCard('3056930009020004', 'diners', ['diners']),
  testCard('36227206271667', 'diners', []),
  testCard('6555900000604105', 'discover', []),
  testCard('3566002020360505', 'jcb', ['jcb'], { country: 'JP' }),
  testCard('6200000000000005', 'unionpay', ['unionpay'], { country: 'CN' }),
  testCard('6200000000000047', 'unionpay', [], { country: 'CN', funding: 'debit' }),
  testCard('6205500000000000004', 'unionpay', [], { country: 'CN' }),

  testCard('4000000000000002', 'visa', declined(''), declines(refusals.GENERIC_DECLINE)),
  testCard('4000000000009995', 'visa', declined('InsufficientFunds'), declines(refusals.INSUFFICIENT_FUNDS)),
  testCard('4000000000009987', 'visa', declined('LostCard'), declines(refusals.LOST_CARD)),
  testCard('4000000000009979', 'visa', declined('StolenCard'), declines(refusals.STOLEN_CARD)),
  testCard('4000000000000069', 'visa', declined('ExpiredCard'), declines(refusals.EXPIRED_CARD)),
  testCard('4000000000000127', 'visa', declined('IncorrectCvc'), {
    attach: 'declines_with_cvc',
    confirm: 'declines_with_cvc',
    decline: refusals.INCORRECT_CVC
  }),
  testCard('4000000000000119', 'visa', declined('ProcessingError'), declines(refusals.PROCESSING_ERROR)),
  testCard(
    '4000000000006975',
    'visa',
    declined('VelocityLimitExceeded'),
    declines(refusals.VELOCITY_EXCEEDED)
  ),
  // Its check digit is wrong, so validation rejects it before any look-up.
  testCard('4242424242424241', 'visa', [], { attach: 'never_made', confirm: 'never_made' }),

  testCard('4000000000000341', 'visa', ['chargeCustomerFail'], {
    confirm: 'declines',
    decline: refusals.GENERIC_DECLINE
  }),
  testCard('4100000000000019', 'visa', ['radarBlock'], {
    confirm: 'declines',
    decline: refusals.FRAUDULENT
  }),
  testCard('4000000000004954', 'visa', ['riskLevelHighest']),
  testCard('4000000000009235', 'visa', ['riskLevelElevated']),
  testCard('4000000000000101', 'visa', ['cvcCheckFail'], {
    attach: 'checks',
    confirm: 'checks',
    checks: { cvc_check: 'fail' }
  }),
  testCard('4000000000000036', 'visa', ['avsZipFail'], {
    attach: 'checks',
    confirm: 'checks',
    checks: { address_postal_code_check: 'fail' }
  }),
  testCard('4000000000000028', 'visa', ['avsLine1Fail'], { checks: { address_line1_check: 'fail' } }),
  testCard('4000000000000010', 'visa', ['avsFail'], {
    attach: 'checks',
    confirm: 'checks',
    checks: { address_line1_check: 'fail', address_postal_code_check: 'fail' }
  }),
  testCard('4000000000000044', 'visa', ['avsUnchecked'], {
    checks: { address_line1_check: 'unavailable', address_postal_code_check: 'unavailable' }
  }),

  testCard('4000002500003155', 'visa', ['authenticationRequiredOnSetup'], {
    country: 'FR',
    confirm: 'authenticates_unless_set_up',
    decline: refusals.AUTHENTICATION_REQUIRED,
    tokenless: true
  }),
  testCard('4000002760003184', 'visa', ['authenticationRequired'], {
    country: 'DE',
    confirm: 'authenticates',
    tokenless: true
  }),
  testCard('4000003800000446', 'visa', ['authenticationRequiredSetupForOffSession'], {
    country: 'IT',
    confirm: 'authenticates_on_session',
    tokenless: true
  }),
  testCard('4000008260003178', 'visa', ['authenticationRequiredChargeDeclinedInsufficientFunds'], {
    country: 'GB',
    confirm: 'authenticates_then_declines',
    decline: refusals.INSUFFICIENT_FUNDS_AUTHENTICATED,
    tokenless: true
  }),
  testCard('4000000000003220', 'visa', ['threeDSecure2Required'], { confirm: 'authenticates' }),
  testCard('4000008400001629', 'visa', ['threeDSecureRequiredChargeDeclined'], {
    confirm: 'authenticates_then_declines',
    decline: refusals.GENERIC_DECLINE
  }),
  testCard('4000008400001280', 'visa', ['threeDSecureRequiredProcessingError'], {
    confirm: 'declines',
    decline: refusals.GENERIC_DECLINE
  }),
  testCard('4000000000003055', 'visa', ['threeDSecureOptional']),
  testCard('4000000000003097', 'visa', ['threeDSecureOptionalProcessingError']),

  testCard('4000000000000077', 'visa', ['bypassPending']),
  testCard('4000000000000259', 'visa', ['createDispute']),
  testCard('4000003560000008', 'visa', ['in'], { country: 'IN' }),

  testCard('4000058400307872', 'visa', ['cvcCheckFailElevatedRisk'], {
    attach: 'checks',
    confirm: 'checks',
    checks: { cvc_check: 'fail' }
  }),
  testCard('4000058400306072', 'visa', ['avsZipFailElevatedRisk'], {
    attach: 'checks',
    confirm: 'checks',
    checks: { address_postal_code_check: 'fail' }
  })
]

const ALL = [...TEST_CARDS, ...TEST_CARDS_BY_COUNTRY]
const bySlug = new Map(ALL.map((card) => [card.slug, card]))
const byNumber = new Map(ALL.map((card) => [card.number, card]))
const byToken = new Map(ALL.flatMap((card) => card.tokens.map((token) => [token, card] as const)))
const byPaymentMethod = new Map(ALL.flatMap((card) => card.paymentMethods.map((id) => [id, card] as const)))

export const testCardOfSlug = (slug: string): TestCard | undefined => bySlug.get(slug)
export const testCardOfNumber = (number: string): TestCard | undefined => byNumber.get(number)
export const testCardOfToken = (token: string): TestCard | undefined => byToken.get(token)
export const testCardOfPaymentMethod = (id: string): TestCard | undefined => byPaymentMethod.get(id)
