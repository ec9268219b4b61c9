import { type Queryable, statement } from '../../../plugins/database/statement'
import type { Call } from '../call'
import { type Expand, expanded } from '../../protocol/expand'
import { passes } from './passing-errors'

/**
 * Returns what a call of the processor is answered with, expanded. Returns it with plain ids where an expansion fails:
 * the processor has acted, so the record of it must commit. Throws errors of the database that pass.
 */
export async function recordedAnswer(
  tx: Queryable,
  call: Call,
  kind: string,
  expand: Expand,
  object: object
): Promise<object> {
  if (expand.length === 0) return object
  await tx.query(savepoint)
  try {
    return await expanded(call, kind, expand, structuredClone(object), tx)
  } catch (error) {
    if (passes(error)) throw error
    await tx.query(rollbackToSavepoint)
    return object
  }
}

const savepoint = statement('savepoint_before_expand', 'savepoint before_expand')
const rollbackToSavepoint = statement('rollback_to_before_expand', 'rollback to savepoint before_expand')
