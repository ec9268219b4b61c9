import type {
  CardBrand,
  CardDetails,
  CardProcessor,
  CardRefusal,
  PreferredNetwork,
  TokenizedCard
} from '../card-processor'
import type { CardChecks } from '../card-checks'
import type { ProcessorContext } from '../context'
import { CardRefused } from '../card-processor'
import { checkCard } from '../check-card'
import { fingerprint } from '../fingerprint'
import { tokenizeTestBankAccount } from './bank-account'
import type { TestCard } from './card'
import { CVC_BLOCKED, NOT_A_TEST_CARD, POSTAL_CODE_BLOCKED, RAW_NUMBER_IN_LIVE_MODE } from './card-refusals'
import { testCardOfNumber, testCardOfPaymentMethod, testCardOfToken } from './cards'
import { testPayments } from './payments'
import { readToken, type TestToken, writeToken } from './token'

interface TestProcessorOptions {
  /** At least 16 bytes, stored outside the database. A new key changes every card's fingerprint. */
  fingerprintKey: Buffer | string
  /** Whether to refuse an attach of a card whose CVC was sent and is wrong. Default: false. */
  blockFailedCvc?: boolean | undefined
  /** Whether to refuse an attach of a card whose postal code was sent and is wrong. Default: false. */
  blockFailedPostalCode?: boolean | undefined
  /** The clock for expiry dates. */
  now?: (() => Date) | undefined
}

/**
 * Returns the processor of test mode. Each published test card behaves as published; any other card is
 * refused. Every bank account with valid numbers is accepted. In live mode it accepts neither.
 */
export function testProcessor(options: TestProcessorOptions): Required<CardProcessor> {
  const { fingerprintKey, now = () => new Date() } = options
  if (Buffer.byteLength(fingerprintKey) < 16) throw new Error('fingerprintKey must be at least 16 bytes long')

  const tokenized = (card: TestCard, given: Given, expiry: Expiry, account: string): TokenizedCard => ({
    token: writeToken(card, given),
    brand: card.brand,
    country: card.country,
    display_brand: DISPLAY_BRANDS[card.brand] ?? card.brand,
    ...expiry,
    fingerprint: fingerprint(fingerprintKey, account, card.number),
    funding: card.funding,
    last4: card.last4,
    networks: { available: [...card.networks], preferred: null },
    three_d_secure_usage: { supported: card.threeDSecure },
    regulated_status: 'unregulated',
    checks: checksOf(card, given),
    verify: refusalAtAttach(card, given, options) !== undefined
  })

  const refusalOf = ({ card, given }: TestToken) => refusalAtAttach(card, given, options)

  const shared = (card: TestCard | undefined, context: ProcessorContext): TokenizedCard | undefined => {
    if (card === undefined || context.livemode) return undefined
    // A shared card has a CVC, and a value for each check that it fails.
    const given = CHECKS.filter((check) => check === 'cvc_check' || check in card.checks)
    const today = now()
    const expiry = { exp_month: today.getUTCMonth() + 1, exp_year: today.getUTCFullYear() + 1 }
    return tokenized(card, given, expiry, context.account)
  }

  const processor: Required<CardProcessor> = {
    keyless: true,

    async tokenize(details, context) {
      if (context.livemode) throw new CardRefused(RAW_NUMBER_IN_LIVE_MODE)
      const { number, ...expiry } = checkCard(details, now())
      const card = testCardOfNumber(number)
      if (card === undefined) throw new CardRefused(NOT_A_TEST_CARD)
      return applyPreference(
        tokenized(card, givenIn(details), expiry, context.account),
        details.preferred_network
      )
    },

    async verify(token) {
      const refusal = refusalOf(readToken(token))
      if (refusal !== undefined) throw new CardRefused(refusal)
      return undefined
    },

    async redeem(token, context) {
      return shared(testCardOfToken(token), context)
    },

    async sharedPaymentMethod(id, context) {
      return shared(testCardOfPaymentMethod(id), context)
    },

    async tokenizeBankAccount(account, context) {
      return tokenizeTestBankAccount(account, context, fingerprintKey)
    },

    payments: testPayments(readToken, refusalOf)
  }
  // Spreading it into a processor with methods of its own must not declare those keyless.
  return Object.defineProperty(processor, 'keyless', { enumerable: false })
}

const CHECKS = ['address_line1_check', 'address_postal_code_check', 'cvc_check'] as const

const DISPLAY_BRANDS: Partial<Record<CardBrand, string>> = {
  amex: 'american_express',
  diners: 'diners_club',
  unionpay: 'union_pay'
}

/**
 * The names of the checks that had a value to check. The token holds them, because `verify` gets nothing
 * else.
 */
type Given = TestToken['given']
type Expiry = Pick<TokenizedCard, 'exp_month' | 'exp_year'>

const givenIn = ({ address, cvc }: CardDetails): Given => {
  const values = {
    address_line1_check: address?.line1,
    address_postal_code_check: address?.postal_code,
    cvc_check: cvc
  }
  return CHECKS.filter((check) => values[check] !== undefined && values[check] !== '')
}

const checksOf = (card: TestCard, given: Given): CardChecks => {
  const outcome = (check: keyof CardChecks) => (given.includes(check) ? (card.checks[check] ?? 'pass') : null)
  return {
    address_line1_check: outcome('address_line1_check'),
    address_postal_code_check: outcome('address_postal_code_check'),
    cvc_check: outcome('cvc_check')
  }
}

function refusalAtAttach(
  card: TestCard,
  given: Given,
  options: TestProcessorOptions
): CardRefusal | undefined {
  if (card.attach === 'declines') return card.decline ?? undefined
  if (card.attach === 'declines_with_cvc' && given.includes('cvc_check')) return card.decline ?? undefined
  const checks = checksOf(card, given)
  if (options.blockFailedCvc && checks.cvc_check === 'fail') return CVC_BLOCKED
  if (options.blockFailedPostalCode && checks.address_postal_code_check === 'fail') return POSTAL_CODE_BLOCKED
  return undefined
}

/** Stores a preference that does not fit the card as `invalid_preference` instead of refusing it. */
function applyPreference(card: TokenizedCard, network: PreferredNetwork | undefined): TokenizedCard {
  if (network === undefined) return card
  if (!card.networks.available.includes(network)) {
    return { ...card, networks: { ...card.networks, preferred: 'invalid_preference' } }
  }
  return { ...card, display_brand: network, networks: { ...card.networks, preferred: network } }
}
