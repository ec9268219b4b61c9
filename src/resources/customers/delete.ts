import type { Queryable } from '../../../plugins/database/statement'
import type { Call } from '../call'
import { writeEvent } from '../events/store'
import { refuseOpen, settlingFirst } from '../intents/operation'
import { detachAllPaymentMethods } from '../payment-methods/store'
import { blankCustomer } from './blank'
import { noSuchCustomer } from './errors'
import { lockCustomerWhole, updateCustomerRow } from './store'
import type { CustomerRow } from './row'
import { deletedCustomerToObject } from './object'

/**
 * Deletes a customer for good: what was noted of them is gone, their id stays and shows that it is deleted. Their
 * payment methods are detached, and so can't be used again.
 */
export async function deleteCustomer(call: Call, id: string) {
  const { account } = call
  const remove = async (tx: Queryable) => {
    // Against attaches as well: one that waits for this row will find it deleted.
    const row = await lockCustomerWhole(tx, account, id)
    if (!row) throw await noSuchCustomer(tx, call, id)
    // What is being set up or paid for them gets to its end first: it may have to be attached.
    await refuseOpen(tx, account, { customer: id })
    for (const detached of await detachAllPaymentMethods(tx, account, id)) {
      await writeEvent(tx, call, 'payment_method.detached', detached, { customer: id })
    }
    await updateCustomerRow(tx, account, forgotten(row))
    await writeEvent(tx, call, 'customer.deleted', row)
    return deletedCustomerToObject(row)
  }
  return settlingFirst(call.vault, () => call.vault.db.transaction(remove))
}

const forgotten = ({ id, created }: CustomerRow): CustomerRow => ({
  ...blankCustomer(),
  id,
  created,
  deleted: true
})
