import { unbatched } from '../../../plugins/database/batcher'
import type { CommitWatch } from '../../../plugins/database/commit-watch'
import { JoinedDatabase, type TransactionClient } from '../../../plugins/database/host-transaction'
import type { Vault } from '../../resources/call'
import { CommittedEvents, type CommitListener } from '../../resources/events/committed'

/**
 * Runs `work` with a vault that writes in the host's transaction. Announces its events after that transaction commits,
 * and drops them if it rolls back.
 */
export async function joined<T>(
  vault: Vault,
  tx: TransactionClient,
  commits: CommitWatch,
  work: (vault: Vault) => Promise<T>
): Promise<T> {
  const db = new JoinedDatabase(vault.db, tx)
  const committed = new CommittedEvents()
  const events: Parameters<CommitListener>[] = []
  committed.subscribe((...event) => events.push(event))
  try {
    return await work({ ...vault, db, batcher: unbatched(db), committed })
  } finally {
    const { transactionId } = db
    if (events.length > 0 && transactionId !== null) {
      commits.afterCommitOf(transactionId, () => {
        for (const event of events) vault.committed.announce(...event)
      })
    }
  }
}
