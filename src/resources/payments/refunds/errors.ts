import { noSuch } from '../../../protocol/errors/no-such'
import { refusal } from '../../../protocol/errors/refusal'
import { money } from '../../intents/payment/currencies'
import type { ChargeRow } from '../charges/store'
import { findRefund } from './store'

export const noSuchRefund = noSuch('refund', findRefund)

export const neitherGiven = refusal({
  code: 'parameter_missing',
  message: 'One of the following params should be provided for this request: payment_intent or charge.',
  why: 'neither a payment intent nor a charge is given'
})

export const notOfIntent = refusal({
  param: 'charge',
  message: (charge: string, intent: string) =>
    `The charge ${charge} does not belong to the PaymentIntent ${intent}.`
})

export const nothingToRefund = refusal({
  executed: true,
  message: (intent: string) => `This PaymentIntent (${intent}) does not have a successful charge to refund.`,
  why: 'nothing was taken'
})

export const alreadyRefunded = refusal({
  executed: true,
  code: 'charge_already_refunded',
  message: (charge: string) => `Charge ${charge} has already been refunded.`,
  why: 'all of it was given back'
})

/** The amount is more than is left of what was taken. */
export const tooMuch = refusal({
  executed: true,
  param: 'amount',
  message: (amount: number, left: number, { amount_captured, currency }: ChargeRow) => {
    const of = left === amount_captured ? 'charge amount' : 'unrefunded amount on charge'
    return `Refund amount (${money(amount, currency)}) is greater than ${of} (${money(left, currency)})`
  },
  why: 'that is more than is left'
})
