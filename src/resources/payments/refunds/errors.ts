import { invalidRequest, stateForbids, type WireError } from '../../../../plugins/errors/errors'
import type { ChargeRow } from '../charges/store'
import { money } from '../../intents/payment/currencies'
import { noSuch } from '../../../protocol/errors/no-such'
import { findRefund } from './store'

export const noSuchRefund = noSuch('refund', findRefund)

export const nothingToRefund = (intent: string): WireError =>
  stateForbids(`This PaymentIntent (${intent}) does not have a successful charge to refund.`)

export const alreadyRefunded = (charge: string): WireError =>
  stateForbids(`Charge ${charge} has already been refunded.`, { code: 'charge_already_refunded' })

/** More than is left of what was taken. */
export function tooMuch(amount: number, left: number, { amount_captured, currency }: ChargeRow): WireError {
  const [wanted, there] = [amount, left].map((each) => money(each, currency))
  const of = left === amount_captured ? 'charge amount' : 'unrefunded amount on charge'
  return stateForbids(`Refund amount (${String(wanted)}) is greater than ${of} (${String(there)})`, {
    param: 'amount'
  })
}

export const neitherGiven = (): WireError =>
  invalidRequest(
    'One of the following params should be provided for this request: payment_intent or charge.',
    {
      code: 'parameter_missing'
    }
  )

export const notOfIntent = (charge: string, intent: string): WireError =>
  invalidRequest(`The charge ${charge} does not belong to the PaymentIntent ${intent}.`, { param: 'charge' })
