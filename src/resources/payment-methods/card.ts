import { invalidRequest, parameterMissing } from '../../../plugins/errors/errors'
import { abbreviated } from '../../../plugins/params/parameter-errors'
import type { Call } from '../call'
import { noSuchToken } from '../tokens/errors'
import type { TokenRow } from '../tokens/store'
import { isOwnToken, tokenOfCard } from '../tokens/spend'
import type { CardAddress } from '../../processor/card-processor'
import { processorContext } from '../../processor/context'
import { cardToMint } from './new-payment-method'
import type { NewPaymentMethod } from './draft'
import { preferring } from './preferred-network'
import type { NewCardParams } from './schema'
import type { BillingDetails } from './store'
import { cardOf, storedCard } from './stored-card'

/**
 * Hands the card's details to the processor, or redeems a token; throws the wire's error where either is faulty. `path`
 * is where the card stands among the parameters.
 */
export async function tokenizedCard(
  call: Call,
  card: NewCardParams,
  billing: BillingDetails,
  path = 'card'
): Promise<NewPaymentMethod> {
  const { processor } = call.vault
  if (card.token !== undefined) {
    const beside = (['number', 'exp_month', 'exp_year', 'cvc'] as const).find((name) => name in card)
    if (beside !== undefined) {
      throw invalidRequest(`You may only specify one of these parameters: token, ${beside}.`, {
        param: `${path}[${beside}]`
      })
    }
    const own = await tokenOfCard(call, card.token)
    if (own) return spending(own, card)
    const redeemed = await processor.redeem?.(card.token, processorContext(call, 'redeem'))
    if (!redeemed && isOwnToken(card.token)) throw await noSuchToken(call.vault.db, call, card.token, 'token')
    // It may be a number, sent in the wrong place.
    if (!redeemed) throw invalidRequest(`Invalid token id: ${abbreviated(card.token)}`, { param: 'token' })
    return cardToMint(preferring(redeemed, card.networks?.preferred))
  }
  const { number, exp_month, exp_year, cvc, networks } = card
  if (number === undefined) throw parameterMissing(`${path}[number]`)
  if (exp_month === undefined) throw parameterMissing(`${path}[exp_month]`)
  if (exp_year === undefined) throw parameterMissing(`${path}[exp_year]`)
  const tokenized = await processor.tokenize(
    {
      number,
      exp_month,
      exp_year,
      cvc,
      name: billing.name,
      address: billing.address as CardAddress | undefined,
      preferred_network: networks?.preferred
    },
    processorContext(call, 'tokenize')
  )
  return cardToMint(tokenized)
}

/** What a token of the vault's own becomes, which is used up by it. */
function spending({ id, payment_method }: TokenRow, { networks }: NewCardParams): NewPaymentMethod {
  const details = preferring(cardOf(payment_method.details), networks?.preferred)
  return { ...payment_method, details: storedCard(details), spends: id }
}
