import type { Call } from '../call'
import { cardToMint } from '../payment-methods/new-payment-method'
import type { NewPaymentMethod } from '../payment-methods/draft'
import type { CardAddress } from '../../processor/card-processor'
import { processorContext } from '../../processor/context'
import { refuseUnsupported } from '../../protocol/errors/unsupported'
import type { TokenCardParams } from './schema'

/**
 * What a card token becomes when it is spent. The number and the CVC go to the processor and nowhere else; throws its
 * refusal.
 */
export async function cardToKeep(call: Call, card: TokenCardParams): Promise<NewPaymentMethod> {
  refuseUnsupported(card, ['currency'], 'card')
  const { cvc, exp_month, exp_year, name, networks, number } = card
  const address = addressOf(card)
  const tokenized = await call.vault.processor.tokenize(
    {
      ...{ number, exp_month: numberOf(exp_month), exp_year: numberOf(exp_year), cvc },
      ...{ name, address, preferred_network: networks?.preferred }
    },
    processorContext(call, 'tokenize')
  )
  return {
    ...cardToMint(tokenized),
    billing_details: { ...(address && { address }), ...(name !== undefined && { name }) }
  }
}

/** Zero, which is no month and no year that is still to come, for what is no number: the processor refuses it. */
const numberOf = (typed: string): number => (/^\s*\d{1,4}\s*$/.test(typed) ? Number(typed) : 0)

/** In the words of payment methods: only what was given. */
function addressOf(card: TokenCardParams): Partial<Record<keyof CardAddress, string>> | undefined {
  const { address_city: city, address_country: country, address_line1: line1 } = card
  const { address_line2: line2, address_state: state, address_zip: postal_code } = card
  const given = Object.entries({ city, country, line1, line2, postal_code, state }).filter(
    ([, part]) => part !== undefined
  )
  return given.length === 0 ? undefined : Object.fromEntries(given)
}
