import { type Answer, once } from '../../../plugins/idempotency/idempotency'
import type { Call } from '../call'
import { previousAttributes } from '../events/previous'
import { writeEvent } from '../events/store'
import { type Expand, expanded } from '../../protocol/expand'
import { refuseUnsupported } from '../../protocol/errors/unsupported'
import { everyKey } from '../../protocol/versions'
import { defaultOf } from './default-payment-method'
import { noSuchCustomer } from './errors'
import { merged } from './params'
import { type UpdateCustomerParams, unsupportedParams } from './schema'
import { lockCustomer, updateCustomerRow } from './store'
import { customerToObject } from './object'

/** Changes what was given, leaf by leaf. A default payment method has to be attached to this customer. */
export async function updateCustomer(
  call: Call,
  id: string,
  params: UpdateCustomerParams,
  expand: Expand
): Promise<Answer> {
  refuseUnsupported(params, unsupportedParams)
  const wanted = params.invoice_settings?.default_payment_method
  return once(call.vault.db, call.attempt, async (tx) => {
    const row = await lockCustomer(tx, call.account, id)
    if (!row) throw await noSuchCustomer(tx, call, id)
    const changed = merged(row, params)
    if (wanted === null) changed.default_payment_method = null
    else if (wanted !== undefined) {
      changed.default_payment_method = await defaultOf(tx, call, id, wanted)
    }

    const whole = { ...call, version: everyKey }
    const previous = previousAttributes(customerToObject(whole, row), customerToObject(whole, changed))
    if (previous) {
      await updateCustomerRow(tx, call.account, changed)
      await writeEvent(tx, call, 'customer.updated', changed, previous)
    }
    return expanded(call, 'customer', expand, customerToObject(call, changed), tx)
  })
}
