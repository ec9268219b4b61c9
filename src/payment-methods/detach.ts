import { type Answer, once } from '../../plugins/idempotency'
import type { Call } from '../call'
import { clearDefault } from '../customers/default-payment-method'
import { lockCustomer } from '../customers/store'
import { writeEvent } from '../events/store'
import { type Expand, expanded } from '../expand'
import { noSuchPaymentMethod, notAttached } from './errors'
import { mint, sharedCard } from './mint'
import { detachPaymentMethodFrom, findPaymentMethod } from './store'
import { paymentMethodToWire } from './wire'

/**
 * Takes a payment method from its customer, for good: it can't be attached or paid with again. Where it was the
 * customer's default, there is none afterwards.
 */
export async function detach(call: Call, id: string, expand: Expand): Promise<Answer> {
  const { account } = call
  const shared = await sharedCard(call, id)
  return once(call.vault.db, call.attempt, async (tx) => {
    // A shared id stands for a payment method that was made just now, and so belongs to nobody.
    const found = shared ? await mint(tx, call, shared) : await findPaymentMethod(tx, account, id)
    if (!found) throw await noSuchPaymentMethod(tx, call, id)
    if (found.customer_id === null) throw notAttached()

    // First the customer, then the payment method: the order in which attach and a customer's delete take them.
    const customer = await lockCustomer(tx, account, found.customer_id)
    const detached = customer && (await detachPaymentMethodFrom(tx, account, found.id, customer.id))
    if (!detached) throw notAttached()

    await writeEvent(tx, call, 'payment_method.detached', detached, { customer: customer.id })
    await clearDefault(tx, call, customer, detached.id)
    return expanded(call, 'payment_method', expand, paymentMethodToWire(call, detached), tx)
  })
}
