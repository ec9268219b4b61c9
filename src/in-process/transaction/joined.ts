import { unshared } from '../../../plugins/database/batcher'
import type { CommitWatch } from '../../../plugins/database/commit-watch'
import { JoinedDatabase, type TransactionClient } from '../../../plugins/database/host-transaction'
import type { Vault } from '../../resources/call'
import { CommittedEvents, type CommitListener } from '../../resources/events/committed'

/**
 * Runs `work` with the vault as it is within a transaction of the host's. What would be told to this process at once is
 * told after that has committed, and never if it is rolled back.
 */
export async function joined<T>(
  vault: Vault,
  tx: TransactionClient,
  commits: CommitWatch,
  work: (vault: Vault) => Promise<T>
): Promise<T> {
  const db = new JoinedDatabase(vault.db, tx)
  const committed = new CommittedEvents()
  const heard: Parameters<CommitListener>[] = []
  committed.subscribe((...event) => heard.push(event))
  try {
    return await work({ ...vault, db, batcher: unshared(db), committed })
  } finally {
    const { transactionId } = db
    if (heard.length > 0 && transactionId !== null) {
      commits.after(transactionId, () => {
        for (const event of heard) vault.committed.announce(...event)
      })
    }
  }
}
