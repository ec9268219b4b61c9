import { because, either } from '../../../protocol/errors/refusal'
import { list } from '../../../protocol/resource/list'
import { post } from '../../../protocol/resource/operation'
import { resource } from '../../../protocol/resource/resource'
import { retrieve } from '../../../protocol/resource/retrieve'
import { noSuchPaymentIntent } from '../../intents/payment/errors'
import { noSuchCharge } from '../charges/errors'
import { createRefund } from './create'
import { alreadyRefunded, neitherGiven, noSuchRefund, nothingToRefund, tooMuch } from './errors'
import { Refund, refundToObject } from './object'
import { CreateRefundBody, ListRefundsQuery, RefundPath } from './schema'
import { findRefund, listRefunds } from './store'

/** Money given back of a charge. */
export const refunds = resource('refund', {
  description: 'What was given back.',
  object: Refund,
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
  operations: {
    create: post('', createRefund, {
      body: CreateRefundBody,
      summary: 'Create a refund',
      description:
        'Gives back what was taken with a payment intent, or a part of it: as often as there is something left.',
      errors: [
        neitherGiven,
        because(
          'what is given is none',
          noSuchCharge.given('charge'),
          noSuchPaymentIntent.given('payment_intent')
        ),
        alreadyRefunded,
        either(tooMuch, nothingToRefund)
      ]
    }),
    list: list(ListRefundsQuery, listRefunds, {
      summary: 'List refunds',
      description: 'Refunds, newest first.'
    }),
    retrieve: retrieve(RefundPath, {
      summary: 'Retrieve a refund',
      description: 'One refund.'
    })
  }
})
