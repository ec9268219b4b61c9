import { Type } from '@sinclair/typebox'
import { resource } from '../../../protocol/resource/resource'
import { noSuchPaymentIntent } from './errors'
import { PaymentIntent, PaymentIntentList, paymentIntentToObject, type WholePaymentIntent } from './object'
import { findPaymentIntent, findPaymentIntents } from './store'

/** A payment, from what is asked for to what is taken. */
export const paymentIntents = resource('payment_intent', {
  description: 'Payments, from what is asked for to what is taken.',
  object: Type.Unsafe<WholePaymentIntent>(PaymentIntent),
  components: [PaymentIntentList],
  toObject: paymentIntentToObject,
  find: findPaymentIntent,
  findMany: findPaymentIntents,
  noSuch: noSuchPaymentIntent,
  expands: {
    application: null,
    customer: 'customer',
    invoice: null,
    latest_charge: 'charge',
    on_behalf_of: null,
    payment_method: 'payment_method',
    review: null,
    source: null
  },
  joins: false,
  operations: {}
})
