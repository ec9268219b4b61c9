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
import { isPublicWithoutTls, liveModeProblem } from './secrets/live-mode'
import { openDatabase, type OpenDatabase } from './open-database'
import { secretsOf } from './secrets/secrets'
import { errorMessage } from '../../plugins/errors/error-message'
import { readTls, type TlsFiles } from './secrets/tls'
import type { Settings } from './settings'
import { StartError } from '../storage/start-error'

interface RunningServer {
  /** The base URL for clients on this machine. */
  url: string
  banner: string
  /** Reads the certificate and key files again, for new connections; undefined without TLS. */
  reloadTls?: () => Promise<void>
  /** Finishes the running requests, ends the pool, and stops the embedded Postgres if this process started it. */
  stop: () => Promise<void>
}

/**
 * Starts the stand-alone server: database, migrations, first account, HTTP. Calls `say` with a line for each slow step.
 * Throws StartError, MigrationError, or the reason of `interruption`, and then leaves nothing running.
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
  const problem = await liveModeProblem(settings)
  if (problem !== undefined && (await hasLiveKey(database.db)))
    throw new StartError(`${problem} Otherwise revoke the live keys (see keys list).`)
  const tls = settings.tls && (await readTls(settings.tls))
  const secrets = await secretsOf(settings)
  const revoked = !(await ensureFirstKey(database.db, secrets.secretKey))
  // The app also refuses live keys that are created later.
  const app = await buildApp(settings, database, secrets, { tls, liveMode: problem === undefined })
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
    const withoutTls = await isPublicWithoutTls(settings)
    return {
      url,
      banner: banner({ url, secrets, revoked, docs, inspector, place, embedded, withoutTls }),
      ...(settings.tls && { reloadTls: tlsReloader(app, settings.tls) }),
      stop
    }
  } catch (error) {
    await app.close()
    throw error
  }
}

/** Returns a function that reloads the certificate. It logs an invalid file and keeps the previous certificate. */
const tlsReloader = (app: FastifyInstance, files: TlsFiles) => async (): Promise<void> => {
  try {
    ;(app.server as unknown as HttpsServer).setSecureContext(await readTls(files))
  } catch (error) {
    app.log.error(`Keeping the previous TLS certificate: ${errorMessage(error)}`)
  }
}

/** Creates the first account's key unless it exists. Returns false if the key is revoked or has expired. */
async function ensureFirstKey(db: Database, key: string): Promise<boolean> {
  const account = await openFirstAccount(db)
  await createKey(db, { account, livemode: false, kind: 'secret', key })
  const found = await findKey(db, hashKey(key))
  return found !== undefined && (found.expires ?? Infinity) > Date.now()
}
