import type { Queryable } from '../../../plugins/database/statement'
import { type Answer, once, onceKnown } from '../../../plugins/idempotency/idempotency'
import { toBody } from '../../../plugins/json/json'
import type { Call } from '../call'
import { claimed } from '../claimed'
import { announceWritten, writeEvent } from '../events/store'
import { type Expand, expanded } from '../../protocol/expand'
import { attachWithin } from '../payment-methods/attach'
import { isSharedId, mint, sharedCard } from '../payment-methods/new-payment-method'
import type { NewPaymentMethod } from '../payment-methods/draft'
import { type Verification, verifying } from '../payment-methods/verify'
import { newId } from '../../protocol/values/ids'
import { refuseUnsupported } from '../../protocol/errors/unsupported'
import { blankCustomer } from './blank'
import { creatingCustomer } from './create-store'
import { defaultOf } from './default-payment-method'
import { merged } from './params'
import { type CreateCustomerParams, unsupportedParams } from './schema'
import { insertCustomer, updateCustomerRow } from './store'
import type { CustomerRow } from './row'
import { customerToObject } from './object'

/** Makes a customer; with `payment_method`, attaches that by the same rule as attach itself, or makes nothing. */
export async function createCustomer(
  call: Call,
  params: CreateCustomerParams,
  expand: Expand
): Promise<Answer> {
  refuseUnsupported(params, unsupportedParams)
  const { payment_method: given, metadata, ...rest } = params
  const create = () => merged(blankCustomer(), { ...rest, metadata: metadata ?? {} })
  const alone = given === undefined && params.invoice_settings?.default_payment_method == null
  if (alone && expand.length === 0) return createAlone(call, create())
  if (given === undefined || !isSharedId(given)) return createWith(call, params, create, expand)
  return claimed(call, async (call) =>
    createWith(call, params, create, expand, await sharedCard(call, given))
  )
}

async function createWith(
  call: Call,
  params: CreateCustomerParams,
  create: () => CustomerRow,
  expand: Expand,
  shared?: NewPaymentMethod
): Promise<Answer> {
  const { payment_method: given } = params
  return verifying(call, (verification) =>
    once(call.vault.db, call.attempt, async (tx) => {
      const row = create()
      await insertCustomer(tx, call.account, row)
      const paymentMethod =
        given === undefined ? undefined : await attachNew(tx, call, given, shared, row, verification)

      const wanted = params.invoice_settings?.default_payment_method
      if (wanted != null) {
        // The shared id of `payment_method` means the one that was made for it a moment ago.
        const id = wanted === given && paymentMethod !== undefined ? paymentMethod : wanted
        row.default_payment_method = await defaultOf(tx, call, row.id, id)
        await updateCustomerRow(tx, call.account, row)
      }
      await writeEvent(tx, call, 'customer.created', row)
      return expanded(call, 'customer', expand, customerToObject(call, row), tx)
    })
  )
}

/** Key, answer, row and event in one statement. */
async function createAlone(call: Call, row: CustomerRow): Promise<Answer> {
  const { account, attempt, requestId, vault } = call
  const event = newId('evt')
  const body = toBody(customerToObject(call, row))
  return onceKnown(vault.db, attempt, body, async () => {
    const asked = { requestId, attempt, body, row, event }
    const { first, created } = await vault.batcher.run(creatingCustomer, account, asked)
    if (!first) announceWritten(call, { id: event, created }, 'customer.created', row)
    return { first }
  })
}

async function attachNew(
  tx: Queryable,
  call: Call,
  given: string,
  shared: NewPaymentMethod | undefined,
  customer: CustomerRow,
  verification: Verification | undefined
): Promise<string> {
  const id = shared ? (await mint(tx, call, shared)).id : given
  await attachWithin(tx, call, id, customer.id, verification, 'payment_method')
  return id
}
