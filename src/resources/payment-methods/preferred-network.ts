import type { PreferredNetwork, TokenizedCard } from '../../processor/card-processor'

type Shown = Pick<TokenizedCard, 'brand' | 'display_brand' | 'networks'>

/** A card shows the network that its holder prefers; a preference that is none of the card's is kept as that. */
export function preferring<C extends Shown>(card: C, preferred: PreferredNetwork | null | undefined): C {
  if (preferred === undefined) return card
  const { available, preferred: before } = card.networks
  const chosen = before !== null && before !== 'invalid_preference'
  if (preferred !== null && available.includes(preferred)) {
    return { ...card, display_brand: preferred, networks: { available, preferred } }
  }
  return {
    ...card,
    display_brand: chosen ? card.brand : card.display_brand,
    networks: { available, preferred: preferred === null ? null : 'invalid_preference' }
  }
}
