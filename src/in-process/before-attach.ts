import { isTransient, sqlState } from '../../plugins/database/errors/sql-errors'
import type { Queryable } from '../../plugins/database/statement'
import type { Call } from '../resources/call'
import { accountOf } from '../protocol/view'
import type { PaymentMethodRow } from '../resources/payment-methods/store'
import { paymentMethodToObject } from '../resources/payment-methods/object'
import { AttachRefused } from './attach-refused'
import type { Objects } from './objects'
import { type HostTransaction, exposeTransaction } from './transaction/transaction'

/** An attach that is about to be committed. */
export interface AttachInProgress {
  account: string
  livemode: boolean
  /** Whether the caller used a publishable key. */
  publishable: boolean
  requestId: string
  idempotencyKey: string | null
  /** The customer's id. */
  customer: string
  /** The payment method after the attach, in the vault's default API version. */
  paymentMethod: Objects['payment_method']
}

/**
 * Applies the host's own rule, and writes the host's own rows, for each attach that takes effect. Runs after the vault's
 * rules and before the commit. Any error rolls back the attach: the caller gets an `AttachRefused` as the answer, and a
 * 500 for any other error.
 *
 * It may run more than once for one attach, when the database aborts the transaction or the commit fails. Postgres then
 * undoes only what the hook did through `tx`.
 */
export type BeforeAttach = (tx: HostTransaction, attach: AttachInProgress) => void | Promise<void>

/** Wraps the host's hook with a timeout in milliseconds. The result throws errors that roll back the transaction. */
export const wrapBeforeAttach =
  (hook: BeforeAttach, milliseconds: number) =>
  async (tx: Queryable, call: Call, customer: string, row: PaymentMethodRow): Promise<void> => {
    const exposed = exposeTransaction(tx, milliseconds)
    try {
      await within(milliseconds, async () => hook(exposed.tx, attachInProgress(call, customer, row)))
    } catch (error) {
      // The vault handles errors that the host's SQL did not cause: it retries a deadlock and answers 429 for a lock.
      const ours = exposed.failedWith(error) && (isTransient(error) || sqlState(error) === undefined)
      if (error instanceof AttachRefused || ours) throw error
      throw new Error('`beforeAttach` failed', { cause: error })
    } finally {
      exposed.end()
    }
  }

function attachInProgress(call: Call, customer: string, row: PaymentMethodRow): AttachInProgress {
  const { account, livemode, publishable, requestId, attempt, vault } = call
  const view = { ...call, publishable: false, version: vault.defaultVersion }
  return {
    account: accountOf(account),
    livemode,
    publishable,
    requestId,
    idempotencyKey: attempt?.key ?? null,
    customer,
    paymentMethod: paymentMethodToObject(view, row)
  }
}

async function within(milliseconds: number, work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`it took longer than ${milliseconds} ms`))
    }, milliseconds)
  })
  try {
    await Promise.race([work(), late])
  } finally {
    clearTimeout(timer)
  }
}
