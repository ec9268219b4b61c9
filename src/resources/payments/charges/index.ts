import { list } from '../../../protocol/resource/list'
import { resource } from '../../../protocol/resource/resource'
import { retrieve } from '../../../protocol/resource/retrieve'
import { noSuchCharge } from './errors'
import { Charge, chargeToObject } from './object'
import { ChargePath, ListChargesQuery } from './schema'
import { findCharge, findCharges, listCharges } from './store'

/** An attempt to take money with a payment intent, whether it succeeded or not. */
export const charges = resource('charge', {
  description: 'Each attempt to take money with a payment intent.',
  object: Charge,
  toObject: chargeToObject,
  find: findCharge,
  findMany: findCharges,
  noSuch: noSuchCharge,
  expands: {
    application: null,
    application_fee: null,
    balance_transaction: null,
    customer: 'customer',
    dispute: null,
    failure_balance_transaction: null,
    invoice: null,
    on_behalf_of: null,
    payment_intent: 'payment_intent',
    review: null,
    source_transfer: null
  },
  operations: {
    list: list(ListChargesQuery, listCharges, {
      summary: 'List charges',
      description: 'Charges, newest first.'
    }),
    retrieve: retrieve(ChargePath, {
      summary: 'Retrieve a charge',
      description: 'One charge: an attempt to take money with a payment intent, whether it succeeded or not.'
    })
  }
})
