import type { Server as HttpsServer } from 'node:https'
import type { FastifyInstance } from 'fastify'
import { hashKey } from '../../plugins/auth/api-keys'
import type { Database } from '../../plugins/database/database'
import { createKey } from '../resources/accounts/keys'
import { findKey, hasLiveKey } from '../resources/accounts/store'
import { openFirstAccount } from '../resources/accounts/first-account'
import { migrate } from '../storage/migrations/migrate'
import { buildApp } from './app'
import { banner } from './banner'
import { drain } from './http/drain'
import { listen } from './http/listen'
import { isPlainInPublic, unfitForLiveMode } from './secrets/live-mode'
import { openDatabase, type OpenDatabase } from './open-database'
import { secretsOf } from './secrets/secrets'
import { sentenceOf } from '../../plugins/errors/error-message'
import { readTls, type TlsFiles } from './secrets/tls'
import type { Settings } from './settings'
import { StartError } from '../storage/start-error'

export interface RunningServer {
  /** The base URL for a client on this machine. */
  url: string
  banner: string
  /** Takes the certificate and the key that are in their files now, for new connections; where TLS is set. */
  reloadTls?: () => Promise<void>
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
    const { schema, rowLevelSecurity } = settings
    await migrate(database.pool, { schema, rowLevelSecurity, say })
    interruption?.throwIfAborted()
    return await serve(settings, database)
  } catch (error) {
    await database.close()
    throw error
  }
}

async function serve(settings: Settings, database: OpenDatabase): Promise<RunningServer> {
  const unfit = await unfitForLiveMode(settings)
  if (unfit !== undefined && (await hasLiveKey(database.db)))
    throw new StartError(`${unfit.replace(/\.$/, '')}, or the live keys be revoked (keys list shows them).`)
  const tls = settings.tls && (await readTls(settings.tls))
  const secrets = await secretsOf(settings)
  const revoked = !(await admit(database.db, secrets.secretKey))
  // Nor is a live key taken that is made while it runs.
  const app = await buildApp(settings, database, secrets, { tls, liveMode: unfit === undefined })
  try {
    const url = await listen(app, settings)
    const [docs, inspector] = ['/docs', '/inspector'].map((page) =>
      app.hasRoute({ method: 'GET', url: page }) ? page : undefined
    )
    const { embedded, place } = database
    const stop = async () => {
      await drain(app)
      await database.close()
    }
    const plain = await isPlainInPublic(settings)
    return {
      url,
      banner: banner({ url, secrets, revoked, docs, inspector, place, embedded, plain }),
      ...(settings.tls && { reloadTls: reloading(app, settings.tls) }),
      stop
    }
  } catch (error) {
    await app.close()
    throw error
  }
}

/** What is wrong with the files is logged, and the server goes on with what it had. */
const reloading = (app: FastifyInstance, files: TlsFiles) => async (): Promise<void> => {
  try {
    ;(app.server as unknown as HttpsServer).setSecureContext(await readTls(files))
  } catch (error) {
    app.log.error(`TLS goes on as it was: ${sentenceOf(error)}`)
  }
}

/** Makes the key the first account's, unless it is known; false where it was revoked or has expired, which it then stays. */
async function admit(db: Database, key: string): Promise<boolean> {
  const account = await openFirstAccount(db)
  await createKey(db, { account, livemode: false, kind: 'secret', key })
  const found = await findKey(db, hashKey(key))
  return found !== undefined && (found.expires ?? Infinity) > Date.now()
}
