import { type Queryable, type RawResult, statement } from '../../../plugins/database/database'
import { endsTransaction } from './ends-transaction'

/** The transaction that the vault's change commits in, for the host's own rows. */
export interface HostTransaction {
  /**
   * Runs one SQL command, as it stands: `payment_vault.` is not replaced here, and types are parsed as the pool says.
   * Rejects with the database's own error; Postgres takes no further command then but a `rollback to savepoint`, and a
   * hook that goes on without one has the whole call fail. Commands that begin or end a transaction are refused.
   */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[]
  ): Promise<RawResult<Row>>
}

export interface Lent {
  tx: HostTransaction
  /** Whether the database itself failed so while it was lent. */
  failedWith: (error: unknown) => boolean
  /** From here on nothing is run any more: the connection is about to be somebody else's. */
  end: () => void
}

/** Lends a transaction to the host; a command of theirs may take as many milliseconds, where nothing else is set. */
export function lend(tx: Queryable, milliseconds: number): Lent {
  const failures = new Set<unknown>()
  let limited: Promise<unknown> | undefined
  let ended = false
  return {
    tx: {
      query: async <Row extends object>(text: string, values: readonly unknown[] = []) => {
        if (endsTransaction(text)) throw new Error('This transaction is begun and ended by the vault alone.')
        if (ended) throw new Error('This transaction has ended.')
        try {
          await (limited ??= tx.query(limitCommands, [String(milliseconds)]))
          return await tx.raw<Row>(text, values)
        } catch (error) {
          failures.add(error)
          throw error
        }
      }
    },
    failedWith: (error) => failures.has(error),
    end: () => {
      ended = true
    }
  }
}

const limitCommands = statement(
  'limit_host_commands',
  `select set_config('statement_timeout', $1, true) where current_setting('statement_timeout') = '0'`
)
