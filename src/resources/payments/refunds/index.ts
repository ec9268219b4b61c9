import { resource } from '../../../protocol/resource/resource'
import { noSuchRefund } from './errors'
import { Refund, RefundList, refundToObject } from './object'
import { findRefund } from './store'

/** Money given back of a charge. */
export const refunds = resource('refund', {
  description: 'What was given back.',
  object: Refund,
  components: [RefundList],
  toObject: (_view, row) => refundToObject(row),
  find: findRefund,
  noSuch: noSuchRefund,
  expands: {
    balance_transaction: null,
    charge: 'charge',
    payment_intent: 'payment_intent',
    source_transfer_reversal: null,
    transfer_reversal: null
  },
  joins: false,
  operations: {}
})
