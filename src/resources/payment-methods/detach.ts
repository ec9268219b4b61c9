import { Answer, keyInUse, once, orKeyInUse, replay } from '../../../plugins/idempotency/idempotency'
import { toBody } from '../../../plugins/json/json'
import type { Call } from '../call'
import { clearDefault } from '../customers/default-payment-method'
import { lockCustomer } from '../customers/store'
import { announceWritten, writeEvent } from '../events/store'
import { type Expand, expanded } from '../../protocol/expand'
import { newId } from '../../protocol/values/ids'
import { detaching } from './detach-store'
import { noSuchPaymentMethod, notAttached } from './errors'
import { mint, sharedCard } from './new-payment-method'
import { detachPaymentMethodFrom, findPaymentMethod } from './store'
import { paymentMethodToObject } from './object'

/**
 * Takes a payment method from its customer, for good: it can't be attached or paid with again. Where it was the
 * customer's default, there is none afterwards.
 */
export async function detach(call: Call, id: string, expand: Expand): Promise<Answer> {
  const { account } = call
  const shared = await sharedCard(call, id)
  const alone = !shared && expand.length === 0 ? await detachAlone(call, id) : undefined
  if (alone) return alone
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
    return expanded(call, 'payment_method', expand, paymentMethodToObject(call, detached), tx)
  })
}

/** Key, change and event in one statement, where there is nothing else to do or to say; undefined where there is. */
async function detachAlone(call: Call, id: string): Promise<Answer | undefined> {
  const { account, attempt, requestId, vault } = call
  const event = newId('evt')
  const decision = await orKeyInUse(vault.db, attempt, () =>
    vault.batcher.run(detaching, account, { requestId, attempt, paymentMethod: id, event })
  )
  if (decision.outcome === 'otherwise') return undefined
  if (decision.outcome === 'detached') {
    const { object, customer, created } = decision
    announceWritten(call, { id: event, created }, 'payment_method.detached', object, { customer })
    return new Answer(200, toBody(paymentMethodToObject(call, object)), {
      originalRequest: attempt?.requestId
    })
  }
  if (!attempt) throw new Error('payment_vault.detach replayed a call without a key')
  if (decision.endpoint === null) throw keyInUse(attempt)
  const { object, version } = decision
  return replay(
    object
      ? { ...decision, status: 200, body: toBody(paymentMethodToObject({ ...call, version }, object)) }
      : decision,
    attempt
  )
}
