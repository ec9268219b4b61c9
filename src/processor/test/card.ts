import type { CardBrand, CardFunding, CardRefusal } from '../card-processor'
import type { CardChecks } from '../card-checks'

/** A published test card. It moves no money, and its number is public. */
export interface TestCard {
  /** The card's name in tokens: brand, country and last four digits. */
  readonly slug: string
  readonly number: string
  readonly brand: CardBrand
  readonly country: string
  readonly funding: CardFunding
  readonly last4: string
  readonly networks: readonly CardBrand[]
  readonly threeDSecure: boolean
  /** The results of checks that do not pass. */
  readonly checks: Partial<CardChecks>
  readonly attach: AttachBehaviour
  readonly confirm: ConfirmBehaviour
  /** The refusal that `attach` or `confirm` leads to. */
  readonly decline: CardRefusal | null
  /** The shared payment method ids of the card (`pm_card_…`). */
  readonly paymentMethods: readonly string[]
  /** The shared tokens of the card (`tok_…`). */
  readonly tokens: readonly string[]
}

/** `checks`: succeeds unless the account blocks cards with a failed CVC or postal code check. */
type AttachBehaviour = 'succeeds' | 'declines' | 'declines_with_cvc' | 'checks' | 'never_made'

type ConfirmBehaviour =
  | 'succeeds'
  | 'declines'
  | 'declines_with_cvc'
  | 'checks'
  | 'never_made'
  /** Requires authentication each time. */
  | 'authenticates'
  /**
   * Requires authentication until the card is set up for off-session use; until then it declines off session.
   */
  | 'authenticates_unless_set_up'
  /** Requires authentication on session; succeeds off session. */
  | 'authenticates_on_session'
  | 'authenticates_then_declines'

export type TestCardMore = Partial<
  Pick<
    TestCard,
    'attach' | 'checks' | 'confirm' | 'country' | 'decline' | 'funding' | 'networks' | 'threeDSecure'
  >
> & {
  /** Set when no token with this name is published. */
  tokenless?: true
}

/** Returns a test card. Defaults: American, credit, every operation succeeds. */
export function testCard(
  number: string,
  brand: CardBrand,
  names: string[],
  more: TestCardMore = {}
): TestCard {
  const { tokenless, ...rest } = more
  const country = more.country ?? 'US'
  const last4 = number.slice(-4)
  return {
    slug: `${brand}_${country.toLowerCase()}_${last4}`,
    number,
    brand,
    country,
    last4,
    funding: 'credit',
    networks: [brand],
    threeDSecure: true,
    checks: {},
    attach: 'succeeds',
    confirm: 'succeeds',
    decline: null,
    paymentMethods: names.map((name) => `pm_card_${name}`),
    tokens: tokenless ? [] : names.map((name) => `tok_${name}`),
    ...rest
  }
}
