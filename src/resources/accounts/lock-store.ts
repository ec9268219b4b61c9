import { type Queryable, statement } from '../../../plugins/database/statement'

/** Until the transaction's end, others may read accounts but make none. */
export async function lockAccounts(tx: Queryable): Promise<void> {
  await tx.query(lockAccountsTable)
}

// The table, not a row: an empty one has none, and unlike "select … for update" this takes no snapshot, so that
// what was made while we waited is seen under every isolation level.
const lockAccountsTable = statement(
  'lock_accounts',
  'lock table payment_vault.accounts in share row exclusive mode'
)
