import { setTimeout as sleep } from 'node:timers/promises'
import { Pool, type PoolClient } from 'pg'
import {
  isTransactionConflict,
  lockNotAvailable,
  sqlState
} from '../../../plugins/database/errors/sql-errors'
import { inSchema } from '../../../plugins/database/statement'
import { inTransaction } from '../../../plugins/database/transaction'
import { filesIn, type MigrationFile } from './files'
import { applyFunctions, type FunctionFile, pendingFunctions, prepareFunctions } from './function-files'
import { messageOf } from './message-of'
import { MigrationError } from './migration-error'
import { enableRowLevelSecurity } from '../row-level-security'
import { retryOnLock, type RetryOnLockOptions } from '../retry-on-lock'

export interface MigrateOptions {
  schema: string
  /** The folder of the numbered files. Default: the package's own. */
  folder?: string
  /**
   * How long to wait for another process that migrates, and for queries on a table that a file changes.
   * Milliseconds; default: 5 minutes.
   */
  patience?: number
  /** Whether to turn on row-level security after the migrations. Default: false. */
  rowLevelSecurity?: boolean
  /** Gets a line about each wait. */
  say?: ((line: string) => void) | undefined
}

export interface MigrationStatus {
  applied: { name: string; applied: Date }[]
  pending: string[]
}

/**
 * Applies the pending files in order, each in one transaction with its record. Returns the names of the files
 * that this call applied. Concurrent calls apply each file once. A schema that is up to date is only read.
 * Throws a `MigrationError`; files applied before it stay applied.
 *
 * The files of functions follow the numbered ones: one transaction applies those that changed.
 *
 * A file whose first line is `-- no transaction` runs statement by statement (each ends with a semicolon at
 * the end of a line) on a second connection. So it may create an index concurrently, and it must be safe to
 * run again.
 *
 * New queries on a table queue behind a migration that waits for it. So a migration waits at most one second
 * for a lock, then lets them run and tries again.
 */
export async function migrate(pool: Pool, options: MigrateOptions): Promise<string[]> {
  const { schema, patience = defaultPatienceMs } = options
  const { numbered: files, functions } = await filesIn(options.folder)
  const done: string[] = []
  let conflicts = 0
  let since = Date.now()
  for (;;) {
    const [next] = pendingOf(files, (await recordsIn(pool, schema)) ?? (await prepare(pool, schema)), schema)
    const changed = next ? [] : await pendingFunctions(pool, functions, schema)
    const name = next?.name ?? changed[0]?.name
    if (name === undefined) {
      if (options.rowLevelSecurity) await secureTables(pool, options)
      return done
    }
    const work = () => (next ? apply(next, files, pool, options) : replaceFunctions(functions, pool, options))
    try {
      const applied = await retryOnLock(work, retryOptions(name, options))
      if (applied) {
        done.push(...applied)
        since = Date.now()
        continue
      }
    } catch (error) {
      if (error instanceof MigrationError) throw error
      if (sqlState(error) === lockNotAvailable)
        throw new MigrationError(
          `The migration ${name} failed: a table that it changes has been in use for ${patience / 1000} s.`,
          { cause: error }
        )
      if (!isTransactionConflict(error) || ++conflicts === 5)
        throw new MigrationError(`The migration ${name} failed: ${messageOf(error)}`, { cause: error })
    }
    if (Date.now() - since > patience)
      throw new MigrationError(
        `Another process has been migrating the schema "${schema}" for ${patience / 1000} s.`
      )
    await sleep(25 + Math.random() * 50)
  }
}

const retryOptions = (
  name: string,
  { patience = defaultPatienceMs, say }: MigrateOptions
): RetryOnLockOptions => ({
  timeoutMs: patience,
  onWait: () => say?.(`The migration ${name} waits until a table that it changes is not in use.`)
})

async function secureTables(
  pool: Pool,
  { schema, patience = defaultPatienceMs, say }: MigrateOptions
): Promise<void> {
  const onWait = () => say?.('Row-level security waits until a table is not in use.')
  try {
    await enableRowLevelSecurity(pool, schema, { timeoutMs: patience, onWait })
  } catch (error) {
    throw new MigrationError(`Row-level security can't be turned on in "${schema}": ${messageOf(error)}`, {
      cause: error
    })
  }
}

/** Returns the applied and the pending migrations. It changes nothing and also reads an empty database. */
export async function migrationStatus(pool: Pool, options: MigrateOptions): Promise<MigrationStatus> {
  const { numbered, functions } = await filesIn(options.folder)
  const records = await recordsIn(pool, options.schema)
  const had = new Set(records?.map(({ name }) => name))
  const changed = records ? await pendingFunctions(pool, functions, options.schema) : functions
  return {
    applied: (records ?? []).map(({ name, applied }) => ({ name, applied: new Date(applied) })),
    pending: [...numbered.filter(({ name }) => !had.has(name)), ...changed].map(({ name }) => name)
  }
}

/**
 * Throws a `MigrationError` unless the schema has this code's migrations, and its functions or newer ones.
 * Changes nothing.
 */
export async function checkMigrations(pool: Pool, options: MigrateOptions): Promise<void> {
  const { numbered, functions } = await filesIn(options.folder)
  const records = await recordsIn(pool, options.schema)
  const missing = pendingOf(numbered, records ?? [], options.schema)
  const changed = records ? await pendingFunctions(pool, functions, options.schema) : functions
  const pending = [...missing, ...changed]
  if (pending.length === 0) return
  const names = pending.map(({ name }) => name).join(', ')
  throw new MigrationError(
    `The schema "${options.schema}" is behind this code and needs migrating: ${names}.`
  )
}

const defaultPatienceMs = 300_000

interface MigrationRecord {
  name: string
  checksum: string
  applied: Date
}

function pendingOf(files: MigrationFile[], records: MigrationRecord[], schema: string): MigrationFile[] {
  const byName = new Map(files.map((file) => [file.name, file]))
  for (const { name, checksum } of records) {
    const file = byName.get(name)
    if (!file)
      throw new MigrationError(
        `The schema "${schema}" is newer than this code, which does not know its ${name}.`
      )
    if (file.checksum !== checksum)
      throw new MigrationError(
        `The migration ${name} was changed after the schema "${schema}" had applied it.`
      )
    byName.delete(name)
  }
  return [...byName.values()]
}

const undefinedObject = new Set(['42P01', '3F000'])
const insufficientPrivilege = '42501'

/** Resolves with undefined when the schema was never migrated. */
async function recordsIn(on: Pool | PoolClient, schema: string): Promise<MigrationRecord[] | undefined> {
  try {
    const read = 'select name, checksum, applied from payment_vault.migrations'
    const { rows } = await on.query<MigrationRecord>(inSchema(read, schema))
    return rows.sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    if (undefinedObject.has(sqlState(error) ?? '')) return undefined
    if (sqlState(error) !== insufficientPrivilege) throw error
    throw new MigrationError(`The schema "${schema}" can't be read: ${messageOf(error)}`, { cause: error })
  }
}

// "if not exists" checks before it locks. Of two concurrent processes one may therefore get a unique
// violation in the catalogue, "already exists" or "tuple concurrently updated". The object exists then.
const concurrentCreation = new Set(['23505', '42P06', '42P07', '42710', 'XX000'])

// The table of records is created last: where it exists, the others do.
const preparations = [
  'create table if not exists payment_vault.migration_lock (id bigint primary key constraint migration_lock_one_row check (id = 1))',
  'insert into payment_vault.migration_lock (id) values (1) on conflict do nothing',
  prepareFunctions,
  'create table if not exists payment_vault.migrations (name text primary key, checksum text not null, applied timestamptz not null)'
]

async function prepare(pool: Pool, schema: string): Promise<MigrationRecord[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      // "create schema if not exists" needs the privilege to create schemas even when the schema exists.
      const { rowCount } = await pool.query('select 1 from pg_namespace where nspname = $1', [schema])
      if (rowCount === 0) await pool.query(inSchema('create schema if not exists payment_vault', schema))
      for (const statement of preparations) await pool.query(inSchema(statement, schema))
      return []
    } catch (error) {
      if (!concurrentCreation.has(sqlState(error) ?? '') || attempt === 20)
        throw new MigrationError(`The schema "${schema}" can't be created: ${messageOf(error)}`, {
          cause: error
        })
      await sleep(Math.random() * 50)
    }
  }
}

/** Returns the name of the applied file; undefined when another process holds the lock or was faster. */
async function apply(
  file: MigrationFile,
  files: MigrationFile[],
  pool: Pool,
  options: MigrateOptions
): Promise<string[] | undefined> {
  const { schema } = options
  return inTransaction(pool, beginMigration, async (client) => {
    if (!(await takeLock(client, schema))) return undefined
    const [next] = pendingOf(files, (await recordsIn(client, schema)) ?? [], schema)
    if (next !== file) return undefined
    const text = inSchema(file.text, schema)
    if (file.transaction) await client.query(text)
    else await applyWithoutTransaction(pool, text, retryOptions(file.name, options))
    const record = 'insert into payment_vault.migrations (name, checksum, applied) values ($1, $2, $3)'
    await client.query(inSchema(record, schema), [file.name, file.checksum, new Date()])
    return [file.name]
  })
}

/**
 * Applies the changed function files in one transaction and returns their names: callers see the functions
 * change together.
 */
async function replaceFunctions(
  files: readonly FunctionFile[],
  pool: Pool,
  { schema }: MigrateOptions
): Promise<string[] | undefined> {
  return inTransaction(pool, beginMigration, async (client) => {
    if (!(await takeLock(client, schema))) return undefined
    const changed = await pendingFunctions(client, files, schema)
    for (const file of changed) {
      try {
        await applyFunctions(client, file, schema)
      } catch (error) {
        if (sqlState(error) === lockNotAvailable || isTransactionConflict(error)) throw error
        throw new MigrationError(`The migration ${file.name} failed: ${messageOf(error)}`, { cause: error })
      }
    }
    return changed.map(({ name }) => name)
  })
}

/**
 * Takes the lock of all migrations; returns whether it was free. The lock is a row, because a pooler in
 * transaction mode loses or leaks session locks. Processes do not wait for it: a waiting statement holds a
 * snapshot, and "create index concurrently" under the lock would wait for that snapshot forever.
 */
async function takeLock(client: PoolClient, schema: string): Promise<boolean> {
  const lock = 'select id from payment_vault.migration_lock for update skip locked'
  return (await client.query(inSchema(lock, schema))).rowCount === 1
}

async function applyWithoutTransaction(given: Pool, text: string, retry: RetryOnLockOptions): Promise<void> {
  // In a pool of one, the only connection holds the lock. The password is not enumerable.
  const { options } = given
  const pool = options.max > 1 ? given : new Pool({ ...options, password: options.password })
  try {
    for (const statement of text.split(/;[ \t]*$/m)) {
      // It waits for all queries on the table, under a lock that blocks none of them.
      if (/\bconcurrently\b/i.test(withoutComments(statement))) await pool.query(statement)
      else
        await retryOnLock(
          () => inTransaction(pool, beginMigration, (client) => client.query(statement)),
          retry
        )
    }
  } finally {
    if (pool !== given) await pool.end()
  }
}

const withoutComments = (statement: string): string => statement.replaceAll(/--.*$/gm, '')

// Each statement must see earlier commits under any default isolation: a snapshot from before the lock would
// apply a file twice.
const beginMigration = `begin isolation level read committed read write;
  set local lock_timeout = '1s';
  set local idle_in_transaction_session_timeout = 0`
