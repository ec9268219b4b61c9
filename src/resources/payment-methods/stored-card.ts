import type { TokenizedCard } from '../../processor/card-processor'
import type { CardChecks } from '../../processor/card-checks'

/** All that the processor tells of a card, but its token and whether it must be asked again. */
export type CardHash = Omit<TokenizedCard, 'token' | 'verify'>

/** A card as rows and events have it: what is as it is with most cards is left out. */
export type StoredCard = Record<string, unknown>

/**
 * Key by key: whatever else a host's processor has in its object, a number even, is not for the database. A row is
 * written again with every attach, and its event repeats it: each byte counts three times.
 */
export function storedCard(card: CardHash): StoredCard {
  const { brand, country, display_brand, exp_month, exp_year, fingerprint, funding, last4 } = card
  const { available, preferred } = card.networks
  const { regulated_status, three_d_secure_usage } = card
  const usualNetworks = available.length === 1 && available[0] === brand && preferred === null
  const checks = storedChecks(card.checks)
  return {
    brand,
    ...(Object.keys(checks).length > 0 && { checks }),
    country,
    ...(display_brand !== brand && { display_brand }),
    exp_month,
    exp_year,
    fingerprint,
    funding,
    last4,
    ...(!usualNetworks && { networks: { available, preferred } }),
    ...(regulated_status !== 'unregulated' && { regulated_status }),
    ...(three_d_secure_usage?.supported !== true && {
      three_d_secure_usage: three_d_secure_usage && { supported: false }
    })
  }
}

/** The card again as the processor told it. */
export function cardOf(stored: StoredCard): CardHash {
  const card = stored as Partial<CardHash> & Pick<CardHash, Always>
  const { brand, display_brand, networks, regulated_status, three_d_secure_usage } = card
  // Key by key: it is on the way of every answer, and spread together it takes twenty times as long.
  return {
    brand,
    checks: checksOf(card.checks ?? {}),
    country: card.country,
    display_brand: display_brand ?? brand,
    exp_month: card.exp_month,
    exp_year: card.exp_year,
    fingerprint: card.fingerprint,
    funding: card.funding,
    last4: card.last4,
    networks: networks ?? { available: [brand], preferred: null },
    regulated_status: regulated_status === undefined ? 'unregulated' : regulated_status,
    three_d_secure_usage: three_d_secure_usage === undefined ? { supported: true } : three_d_secure_usage
  }
}

type Always = 'brand' | 'country' | 'exp_month' | 'exp_year' | 'fingerprint' | 'funding' | 'last4'

/** The outcomes that there are, and nothing else that a host's object may have. */
export function storedChecks(checks: CardChecks): Partial<CardChecks> {
  const stored: Partial<CardChecks> = {}
  for (const name of checkNames) if (checks[name] !== null) stored[name] = checks[name]
  return stored
}

/** All three outcomes, null where nothing was checked. */
export const checksOf = (stored: Partial<CardChecks>): CardChecks => ({
  address_line1_check: stored.address_line1_check ?? null,
  address_postal_code_check: stored.address_postal_code_check ?? null,
  cvc_check: stored.cvc_check ?? null
})

const checkNames = ['address_line1_check', 'address_postal_code_check', 'cvc_check'] as const
