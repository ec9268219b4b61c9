import { type Queryable, statement } from '../../../plugins/database/statement'
import type { Call } from '../call'
import { attachWithin } from '../payment-methods/attach'
import type { CardChecks } from '../../processor/card-checks'
import { passes } from './passing-errors'

/**
 * Attaches what was just set up or paid with, by the rule of every attach. Returns false where the attach is refused or
 * fails: by the rule (the customer was deleted meanwhile) or by the host's `beforeAttach`. That undoes the attach alone,
 * since what the processor did can't be undone. Throws errors of the database that pass: all is undone and tried again.
 */
export async function attachDone(
  tx: Queryable,
  call: Call,
  paymentMethod: string,
  customer: string,
  checks: CardChecks | undefined
): Promise<boolean> {
  await tx.query(savepoint)
  try {
    await attachWithin(tx, call, paymentMethod, customer, { checks })
    return true
  } catch (error) {
    if (passes(error)) throw error
    await tx.query(rollbackToSavepoint)
    return false
  }
}

const savepoint = statement('savepoint_before_attach', 'savepoint before_attach')
const rollbackToSavepoint = statement('rollback_to_before_attach', 'rollback to savepoint before_attach')
