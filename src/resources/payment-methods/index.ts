import { resource } from '../../protocol/resource/resource'
import { noSuchPaymentMethod } from './errors'
import { CardShown, PaymentMethod, PaymentMethodList, paymentMethodToObject } from './object'
import { findPaymentMethod, findPaymentMethods } from './store'
import { bankAccountComponents } from './types/index'

/** A saved card or bank account. It moves forward only: unattached, attached, detached; or consumed by a payment. */
export const paymentMethods = resource('payment_method', {
  description: 'Cards that were saved, and whom they are attached to.',
  object: PaymentMethod,
  components: [CardShown, ...bankAccountComponents, PaymentMethodList],
  toObject: paymentMethodToObject,
  find: findPaymentMethod,
  findMany: findPaymentMethods,
  noSuch: noSuchPaymentMethod,
  expands: { customer: 'customer' },
  operations: {}
})
