import type { FastifyInstance } from 'fastify'
import { hashKey } from '../plugins/authentication'
import type { Database } from '../plugins/database'
import { createKey } from './accounts/keys'
import { findPrincipal } from './accounts/store'
import { openFirstAccount } from './first-account'
import { migrate } from './migrate'
import { buildApp } from './server/app'
import { banner } from './server/banner'
import { listen } from './server/listen'
import { openDatabase, type OpenDatabase } from './server/open-database'
import { secretsOf } from './server/secrets'
import type { Settings } from './settings'

export interface RunningServer {
  /** The base URL for a client on this machine. */
  url: string
  banner: string
  /** Finishes the requests that are running, then ends the pool, then the Postgres, if it was started here. */
  stop: () => Promise<void>
}

/**
 * Starts the stand-alone server: database, migrations, first account, HTTP. `say` is told in one line what takes a
 * while. Throws StartError, MigrationError, or the reason of an `interruption`, and then leaves nothing running.
 */
export async function startServer(
  settings: Settings,
  say: (line: string) => void,
  interruption?: AbortSignal
): Promise<RunningServer> {
  const database = await openDatabase(settings, 'serve', say)
  try {
    interruption?.throwIfAborted()
    await migrate(database.pool, { schema: settings.schema })
    interruption?.throwIfAborted()
    return await serve(settings, database)
  } catch (error) {
    await database.close()
    throw error
  }
}

async function serve(settings: Settings, database: OpenDatabase): Promise<RunningServer> {
  const secrets = await secretsOf(settings)
  const revoked = !(await admit(database.db, secrets.secretKey))
  const app = await buildApp(settings, database, secrets)
  try {
    const url = await listen(app, settings)
    const docs = app.hasRoute({ method: 'GET', url: '/docs' }) ? '/docs' : undefined
    const { embedded, place } = database
    const stop = async () => {
      await drain(app)
      await database.close()
    }
    return { url, banner: banner({ url, secrets, revoked, docs, place, embedded }), stop }
  } catch (error) {
    await app.close()
    throw error
  }
}

/** Makes the key the first account's, unless it is known; false where it was revoked, which it then stays. */
async function admit(db: Database, key: string): Promise<boolean> {
  const account = await openFirstAccount(db)
  await createKey(db, { account, livemode: false, kind: 'secret', key })
  return (await findPrincipal(db, hashKey(key))) !== undefined
}

/** Requests may take 7 s to finish; whoever is slower is cut off, so that the database can stop within 10 s too. */
async function drain(app: FastifyInstance): Promise<void> {
  // A connection whose request has ended since is kept open for the client's next one, and closing would wait.
  const sweep = setInterval(() => {
    app.server.closeIdleConnections()
  }, 50)
  const cut = setTimeout(() => {
    app.server.closeAllConnections()
  }, 7000)
  try {
    await app.close()
  } finally {
    clearInterval(sweep)
    clearTimeout(cut)
  }
}
