import type { CardBrand, CardFunding, CardRefusal } from '../card-processor'
import type { CardChecks } from '../card-checks'

/** A published test card: no money stands behind it, and its number is no secret. */
export interface TestCard {
  /** Names the row in tokens: brand, country and last four digits. */
  readonly slug: string
  readonly number: string
  readonly brand: CardBrand
  readonly country: string
  readonly funding: CardFunding
  readonly last4: string
  readonly networks: readonly CardBrand[]
  readonly threeDSecure: boolean
  /** Checks that do not pass when there is something to check. */
  readonly checks: Partial<CardChecks>
  readonly attach: AttachBehaviour
  readonly confirm: ConfirmBehaviour
  /** The refusal wherever `attach` or `confirm` says that there is one. */
  readonly decline: CardRefusal | null
  /** Shared ids of payment methods (`pm_card_…`): all spellings of one card. */
  readonly paymentMethods: readonly string[]
  /** Tokens (`tok_…`), likewise. */
  readonly tokens: readonly string[]
}

/** `checks`: succeeds unless the account blocks cards whose CVC or postal code fails. */
export type AttachBehaviour = 'succeeds' | 'declines' | 'declines_with_cvc' | 'checks' | 'never_made'

export type ConfirmBehaviour =
  | 'succeeds'
  | 'declines'
  | 'declines_with_cvc'
  | 'checks'
  | 'never_made'
  /** Wants authentication each time. */
  | 'authenticates'
  /** Wants it until the card was set up for off-session use; off session without that, it declines. */
  | 'authenticates_unless_set_up'
  /** Wants it on session; off session it succeeds. */
  | 'authenticates_on_session'
  | 'authenticates_then_declines'

export type TestCardMore = Partial<
  Pick<
    TestCard,
    'attach' | 'checks' | 'confirm' | 'country' | 'decline' | 'funding' | 'networks' | 'threeDSecure'
  >
> & {
  /** No token of this name is published. */
  tokenless?: true
}

/** A row of the tables. What most cards have in common is left unsaid: American, credit, everything succeeds. */
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
