import { isPassing, type Queryable, sqlState } from '../../plugins/database/database'
import type { Call } from '../resources/call'
import { accountOf } from '../protocol/view'
import type { PaymentMethodRow } from '../resources/payment-methods/store'
import { paymentMethodToObject } from '../resources/payment-methods/object'
import { AttachRefused } from './attach-refused'
import type { PaymentMethodObject } from './events'
import { type HostTransaction, lend } from './transaction/transaction'

/** An attach that is about to be committed. */
export interface AttachInProgress {
  account: string
  livemode: boolean
  /** Whether it was asked for with a publishable key. */
  publishable: boolean
  requestId: string
  idempotencyKey: string | null
  /** The customer's id. */
  customer: string
  /** As it will be, in the vault's default version. */
  paymentMethod: PaymentMethodObject
}

/**
 * The host's own rule, and its own rows, for each attach that takes effect: called after the vault's rules let it pass
 * and before the commit. What it throws undoes all: `AttachRefused` is the caller's answer, anything else a 500.
 *
 * It may run more than once for one attach, where the database gave the transaction up or the commit failed: only what
 * it does through `tx` is undone then.
 */
export type BeforeAttach = (tx: HostTransaction, attach: AttachInProgress) => void | Promise<void>

/** The hook as the vault's rules call it, given up after so many milliseconds. Throws what undoes the transaction. */
export const hookBeforeAttach =
  (hook: BeforeAttach, milliseconds: number) =>
  async (tx: Queryable, call: Call, customer: string, row: PaymentMethodRow): Promise<void> => {
    const lent = lend(tx, milliseconds)
    try {
      await within(milliseconds, async () => hook(lent.tx, attachInProgress(call, customer, row)))
    } catch (error) {
      // What is no fault of the host's SQL is answered as everywhere: a deadlock is tried again, a lock is a 429.
      const ours = lent.failedWith(error) && (isPassing(error) || sqlState(error) === undefined)
      if (error instanceof AttachRefused || ours) throw error
      throw new Error('`beforeAttach` failed', { cause: error })
    } finally {
      lent.end()
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
      reject(new Error(`it did not end within ${milliseconds} ms`))
    }, milliseconds)
  })
  try {
    await Promise.race([work(), late])
  } finally {
    clearTimeout(timer)
  }
}
