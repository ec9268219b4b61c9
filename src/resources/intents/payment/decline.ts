import type { Queryable } from '../../../../plugins/database/statement'
import { WireError } from '../../../../plugins/errors/errors'
import type { Call } from '../../call'
import { insertCharge } from '../../payments/charges/store'
import { writeEvent } from '../../events/store'
import { lastErrorOf } from '../last-error'
import type { PaymentMethodRow } from '../../payment-methods/store'
import { paymentMethodToObject } from '../../payment-methods/object'
import type { CardRefused } from '../../../processor/card-processor'
import type { ToAuthorize } from './to-authorize'
import { chargeOf } from './charge'
import { type PaymentIntentRow, updatePaymentIntentRow } from './store'
import { paymentIntentToObject } from './object'

/**
 * Writes down that the card was refused: a charge that failed, and an intent that waits for another payment method. The
 * refused one can be used again. Gives the 402 that the caller is answered.
 */
export async function decline(
  tx: Queryable,
  call: Call,
  row: PaymentIntentRow,
  paymentMethod: PaymentMethodRow,
  what: Pick<ToAuthorize, 'charge' | 'payment'>,
  refusal: CardRefused
): Promise<WireError> {
  const { param, ...rest } = refusal.fields
  // An attach that is declined has an empty `param`; a payment has none.
  const fields = { ...rest, ...(param !== '' && { param }), charge: what.charge }
  const changed: PaymentIntentRow = {
    ...row,
    status: 'requires_payment_method',
    payment_method_id: null,
    latest_charge_id: what.charge,
    details: {
      ...row.details,
      authentication: null,
      last_payment_error: lastErrorOf(fields, paymentMethod),
      next_action: null
    }
  }
  const charge = chargeOf(changed, paymentMethod, what, refusal)
  await insertCharge(tx, call.account, charge)
  await updatePaymentIntentRow(tx, call.account, changed)
  await writeEvent(tx, call, 'payment_intent.payment_failed', changed)
  await writeEvent(tx, call, 'charge.failed', charge)
  return new WireError(
    402,
    {
      ...fields,
      payment_intent: paymentIntentToObject(call, changed),
      payment_method: paymentMethodToObject(call, paymentMethod)
    },
    { executed: true }
  )
}
