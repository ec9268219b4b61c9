import { invalidRequest, parameterMissing } from '../../../plugins/errors/errors'
import type { Call } from '../call'
import { mergedBillingDetails } from '../payment-methods/billing-details'
import { tokenizedCard } from '../payment-methods/card'
import { sharedCard } from '../payment-methods/new-payment-method'
import type { NewPaymentMethod, PaymentMethodExtras } from '../payment-methods/draft'
import { unsupported } from '../../protocol/errors/unsupported'
import { cardsOnly } from './errors'
import type { PaymentMethodDataParams } from './schema'

/**
 * What a new payment method is to be made of: from `payment_method_data`, or for a shared id such as `pm_card_visa`.
 * Undefined where an intent is given one that is there already, or none. Asks the processor, so it is not for a
 * transaction.
 */
export async function newPaymentMethod(
  call: Call,
  { payment_method: id, payment_method_data: data }: PaymentMethodParams
): Promise<[NewPaymentMethod, PaymentMethodExtras] | undefined> {
  if (data === undefined) {
    const shared = id === undefined ? undefined : await sharedCard(call, id)
    return shared && [shared, {}]
  }
  if (id !== undefined) {
    throw invalidRequest(
      'You may only specify one of these parameters: payment_method, payment_method_data.',
      { code: 'parameters_exclusive', param: 'payment_method_data' }
    )
  }
  const { type, card, allow_redisplay, metadata } = data
  if (type !== 'card') throw cardsOnly('payment_method_data[type]', type)
  const stray = Object.keys(data).find((name) => !known.includes(name))
  if (stray !== undefined) throw unsupported(`payment_method_data[${stray}]`)
  if (card === undefined) throw parameterMissing('payment_method_data[card]')

  const billing_details = mergedBillingDetails({}, data.billing_details)
  return [
    await tokenizedCard(call, card, billing_details, 'payment_method_data[card]'),
    {
      billing_details,
      ...(allow_redisplay !== undefined && { allow_redisplay }),
      ...(metadata !== undefined && { metadata })
    }
  ]
}

interface PaymentMethodParams {
  payment_method?: string
  payment_method_data?: PaymentMethodDataParams
}

const known = ['allow_redisplay', 'billing_details', 'card', 'metadata', 'type']
