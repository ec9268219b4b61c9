import { invalidRequest, type WireError } from '../../../plugins/errors/errors'
import { noSuch } from '../../protocol/errors/no-such'
import { findCustomer } from './store'
import type { CustomerRow } from './row'

const notDeleted = async (
  ...[db, account, id]: Parameters<typeof findCustomer>
): Promise<CustomerRow | undefined> => {
  const row = await findCustomer(db, account, id)
  return row?.deleted === false ? row : undefined
}

/** A deleted one is no customer either. */
export const noSuchCustomer = noSuch('customer', notDeleted, { deletable: true })

/** A default payment method has to be attached to the customer whose default it is. */
export const notTheirPaymentMethod = (id: string): WireError =>
  invalidRequest(
    `The customer does not have a payment method with the ID ${id}. The payment method must be attached to the customer.`,
    { code: 'resource_missing', param: 'invoice_settings[default_payment_method]' }
  )
