import { type Queryable, sqlState, statement } from '../../../plugins/database/database'
import type { Call } from '../call'
import { attachWithin } from '../payment-methods/attach'
import type { CardChecks } from '../../processor/card-checks'

/**
 * Attaches what was just set up or paid with, by the rule of every attach. What the processor did can't be undone, so
 * where the host's own `beforeAttach` refuses or fails, that undoes the attach alone: false then, and the payment method
 * stays unattached. The database's own errors undo all, and it is tried again.
 */
export async function attachDone(
  tx: Queryable,
  call: Call,
  paymentMethod: string,
  customer: string,
  checks: CardChecks | undefined
): Promise<boolean> {
  const attach = () => attachWithin(tx, call, paymentMethod, customer, { checks })
  if (!call.vault.beforeAttach) {
    await attach()
    return true
  }
  await tx.query(savepoint)
  try {
    await attach()
    return true
  } catch (error) {
    if (sqlState(error) !== undefined) throw error
    await tx.query(rollbackToSavepoint)
    return false
  }
}

const savepoint = statement('savepoint_before_attach', 'savepoint before_attach')
const rollbackToSavepoint = statement('rollback_to_before_attach', 'rollback to savepoint before_attach')
