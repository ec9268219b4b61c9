import { type Queryable, type RawResult, statement } from '../../../plugins/database/statement'
import { endsTransaction } from './ends-transaction'

/** The transaction of the vault's change, for the host's own rows. */
export interface HostTransaction {
  /**
   * Runs one SQL command unchanged: it does not replace `payment_vault.`, and uses the pool's type parsers. Rejects with
   * the database's own error. Postgres then accepts only `rollback to savepoint`; without it, the whole call fails.
   * Throws an Error for a command that begins or ends a transaction.
   */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[]
  ): Promise<RawResult<Row>>
}

interface ExposedTransaction {
  tx: HostTransaction
  /** Returns whether the error came from the database, through `tx`. */
  failedWith: (error: unknown) => boolean
  /** Closes `tx` to further commands: the connection goes back to the pool. */
  end: () => void
}

/** Exposes a transaction to the host. Limits each command to `milliseconds`, unless a statement timeout is set. */
export function exposeTransaction(tx: Queryable, milliseconds: number): ExposedTransaction {
  const failures = new Set<unknown>()
  let limited: Promise<unknown> | undefined
  let ended = false
  return {
    tx: {
      query: async <Row extends object>(text: string, values: readonly unknown[] = []) => {
        if (endsTransaction(text)) throw new Error('Only the vault may begin or end this transaction.')
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
