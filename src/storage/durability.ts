import type { FastifyInstance } from 'fastify'
import type { Database } from '../../plugins/database/database'
import { statement } from '../../plugins/database/statement'

/** What is lost with each setting of Postgres's that is not `on`. */
const settingWarnings = {
  fsync:
    'fsync is off: after a crash of the machine the database may be damaged beyond repair, with everything in it.',
  full_page_writes:
    'full_page_writes is off: after a crash of the machine pages may be half old and half new, and what is in them lost.',
  synchronous_commit:
    'synchronous_commit is off: what was answered in the last moments before a crash may never have happened.'
}

/**
 * Warns, once the app is ready, of settings by which the database would lose what it has acknowledged. Nobody waits for
 * the answer; where there is none, there is nothing to say either.
 */
export function warnAboutDurability(scope: FastifyInstance, db: Database): void {
  let asking: Promise<void> | undefined
  scope.addHook('onReady', (done) => {
    asking = warn(scope, db)
    done()
  })
  // A pool of our own ends only afterwards.
  scope.addHook('onClose', () => asking)
}

async function warn(scope: FastifyInstance, db: Database): Promise<void> {
  try {
    for (const { name } of await db.query(findDisabledSettings, [Object.keys(settingWarnings)])) {
      scope.log.warn({ setting: name }, settingWarnings[name])
    }
  } catch (error) {
    scope.log.debug({ err: error }, 'the database did not tell whether it keeps what it acknowledges')
  }
}

// As this very session has them: each can be set for a role or a database alone.
const findDisabledSettings = statement<{ name: keyof typeof settingWarnings }>(
  'find_losses',
  "select name from pg_settings where name = any($1) and setting = 'off' order by name"
)
