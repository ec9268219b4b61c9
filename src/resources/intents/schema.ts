import type { Static } from '@sinclair/typebox'
import { component, Hash, OneOf } from '../../../plugins/params/schema'
import { newPaymentMethodParams } from '../payment-methods/schema'
import { paymentMethodTypes } from '../payment-methods/types/index'

/** `payment_method_data`: a payment method that is made with the intent. */
export const PaymentMethodData = Hash(
  {
    ...newPaymentMethodParams,
    type: OneOf(paymentMethodTypes, { description: 'Intents take `card` here, and refuse the others.' })
  },
  { ...component('payment_method_data_params'), description: 'A new payment method to use: a card.' }
)
export type PaymentMethodDataParams = Static<typeof PaymentMethodData>
