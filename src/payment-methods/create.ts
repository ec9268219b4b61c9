import { invalidRequest, parameterMissing } from '../../plugins/errors'
import { type Answer, keepingRefusals, once } from '../../plugins/idempotency'
import type { Call } from '../call'
import { type Expand, expanded } from '../expand'
import type { CardAddress, TokenizedCard } from '../processor/card-processor'
import { processorContext } from '../processor/context'
import { refuseUnsupported } from '../wire/unsupported'
import { mergedBillingDetails } from './billing-details'
import { mint } from './mint'
import type { CreateParams, NewCardParams } from './schema'
import type { BillingDetails } from './store'
import { otherTypes } from './types'
import { paymentMethodToWire } from './wire'

/**
 * Makes a payment method from a card's details or from a token. The number and the CVC go to the processor and
 * nowhere else; what it gives back is stored.
 */
export async function createPaymentMethod(call: Call, params: CreateParams, expand: Expand): Promise<Answer> {
  const card = cardOf(params)
  const billing_details = mergedBillingDetails({}, params.billing_details)
  const { allow_redisplay, metadata } = params
  const extras = {
    billing_details,
    ...(allow_redisplay !== undefined && { allow_redisplay }),
    ...(metadata !== undefined && { metadata })
  }

  return keepingRefusals(call.vault.db, call.attempt, async () => {
    const tokenized = await tokenizedBy(call, card, billing_details)
    return once(call.vault.db, call.attempt, async (tx) => {
      const row = await mint(tx, call, tokenized, extras)
      return expanded(call, 'payment_method', expand, paymentMethodToWire(call, row), tx)
    })
  })
}

function cardOf(params: CreateParams): NewCardParams {
  if (params.payment_method !== undefined) {
    // With a customer it would be a copy for a connected account, and there is none to make it for.
    throw invalidRequest('This vault does not clone payment methods to connected accounts.', {
      param: 'payment_method'
    })
  }
  if (params.type === undefined) throw parameterMissing('type')
  if (params.customer !== undefined) {
    throw invalidRequest(
      'You cannot attach a PaymentMethod to a Customer during PaymentMethod creation. Please instead create the PaymentMethod and then attach it using the attachment method of the PaymentMethods API.'
    )
  }
  if (params.type !== 'card') {
    throw invalidRequest(`This vault does not save payment methods of the type '${params.type}'.`, {
      param: 'type'
    })
  }
  const { card } = params
  refuseUnsupported(params, ['radar_options', 'interac_present', ...otherTypes])
  if (card === undefined) throw parameterMissing('card')
  return card
}

async function tokenizedBy(call: Call, card: NewCardParams, billing: BillingDetails): Promise<TokenizedCard> {
  const { processor } = call.vault
  const context = processorContext(call)
  if (card.token !== undefined) {
    if (card.number !== undefined) {
      throw invalidRequest('You may only specify one of these parameters: token, number.', {
        param: 'card[number]'
      })
    }
    const redeemed = await processor.redeem?.(card.token, context)
    if (!redeemed) throw invalidRequest(`Invalid token id: ${card.token}`, { param: 'token' })
    return redeemed
  }
  const { number, exp_month, exp_year, cvc, networks } = card
  if (number === undefined) throw parameterMissing('card[number]')
  if (exp_month === undefined) throw parameterMissing('card[exp_month]')
  if (exp_year === undefined) throw parameterMissing('card[exp_year]')
  return processor.tokenize(
    {
      number,
      exp_month,
      exp_year,
      cvc,
      name: billing.name,
      address: billing.address as CardAddress | undefined,
      preferred_network: networks?.preferred
    },
    context
  )
}
