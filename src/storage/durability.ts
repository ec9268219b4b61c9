import type { FastifyInstance } from 'fastify'
import type { Database } from '../../plugins/database/database'
import { statement } from '../../plugins/database/statement'

/** The warning for each Postgres setting that is off. */
const settingWarnings = {
  fsync: 'fsync is off: a crash of the machine may destroy the whole database.',
  full_page_writes:
    'full_page_writes is off: a crash of the machine may leave torn pages and lose their rows.',
  synchronous_commit: 'synchronous_commit is off: a crash may lose the last acknowledged writes.'
}

/**
 * Warns, when the app is ready, of settings that could lose acknowledged writes. The start does not wait for
 * the query, and a failed query is only logged.
 */
export function warnAboutDurability(scope: FastifyInstance, db: Database): void {
  let pendingQuery: Promise<void> | undefined
  scope.addHook('onReady', (done) => {
    pendingQuery = warn(scope, db)
    done()
  })
  // The vault's own pool must not end before this query.
  scope.addHook('onClose', () => pendingQuery)
}

async function warn(scope: FastifyInstance, db: Database): Promise<void> {
  try {
    for (const { name } of await db.query(findDisabledSettings, [Object.keys(settingWarnings)])) {
      scope.log.warn({ setting: name }, settingWarnings[name])
    }
  } catch (error) {
    scope.log.debug({ err: error }, 'the durability settings of the database could not be read')
  }
}

// pg_settings shows this session's values, which a role or a database may override.
const findDisabledSettings = statement<{ name: keyof typeof settingWarnings }>(
  'find_losses',
  "select name from pg_settings where name = any($1) and setting = 'off' order by name"
)
