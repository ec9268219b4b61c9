import { chmod, mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findPostgres } from './binaries'
import { makeCluster } from './cluster'
import { findHolder } from './pid-file'
import { startPostgres } from './process'
import { canEnter, databaseUser } from './user'
import { StartError } from '../start-error'

export { defaultDataFolder } from './user'

export interface EmbeddedPostgresOptions {
  /** The data folder. It holds the cluster in `pg` and installed binaries in `postgres-binaries`. */
  folder: string
  /** An installed Postgres to run instead of npm's, such as `/usr/lib/postgresql/18`. */
  binaries?: string | undefined
  /** For tests: trades all durability for speed. */
  throwaway?: boolean
  /** `serve` (the default) refuses a folder that another server uses; `share` joins that server. */
  role?: 'serve' | 'share'
  /** Gets a line about each slow step. */
  say?: (line: string) => void
}

export interface EmbeddedPostgres {
  url: string
  /** Whether this process started it, so that `stop` ends it. */
  owner: boolean
  stop: () => Promise<void>
}

/**
 * Starts the Postgres of a data folder, on a socket in the folder and without a port. It exits with this
 * process, also after a crash. End pools before you call `stop`. Throws StartError.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { role = 'serve', throwaway = false, say = () => undefined } = options
  const folder = resolve(options.folder)
  const cluster = join(folder, 'pg')
  try {
    const user = databaseUser(cluster)
    await prepare(folder)
    if (!canEnter(folder, user)) throw cannotEnter(folder)
    // Retries when another start took the folder in between and has exited since.
    for (let tries = 0; tries < 5; tries++) {
      const holder = await findHolder(cluster)
      if (holder && role === 'share') return { url: holder.url, owner: false, stop: async () => undefined }
      if (holder) await refuseIfHeld(cluster, holder.pid)
      const postgres = await findPostgres({ folder, binaries: options.binaries, say }, user)
      await makeCluster(cluster, postgres, user, throwaway)
      const started = await startPostgres(cluster, postgres, user, throwaway)
      if (started) return { ...started, owner: true }
    }
    throw new StartError(`One server after another took ${cluster}: start again.`)
  } catch (error) {
    throw asStartError(error, folder)
  }
}

async function prepare(folder: string): Promise<void> {
  const isRoot = process.getuid?.() === 0
  const made = await mkdir(folder, { recursive: true, mode: isRoot ? 0o711 : 0o700 })
  // The database user must be able to enter under any umask of root. The cluster itself stays private.
  if (made !== undefined && isRoot) await chmod(folder, 0o711)
}

/**
 * Throws StartError if the server is still running after a second: it survives a killed owner for some
 * milliseconds.
 */
async function refuseIfHeld(cluster: string, pid: number): Promise<void> {
  await sleep(1000)
  const holder = await findHolder(cluster)
  if (!holder) return
  throw new StartError(
    `Another server is running on ${cluster} (its Postgres is process ${pid}): stop it, or set PAYMENT_VAULT_DATA to another folder.`
  )
}

const cannotEnter = (folder: string): StartError =>
  new StartError(
    `Postgres does not run as root, and the user it runs as cannot enter ${folder}: set PAYMENT_VAULT_DATA to a folder that it can, such as /var/lib/fastify-payment-vault.`
  )

function asStartError(error: unknown, folder: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException
  if (error instanceof StartError || code === undefined || !/^E[A-Z]+$/.test(code)) return error
  return new StartError(
    `The data folder ${folder} cannot be used (${message}): set PAYMENT_VAULT_DATA to another.`,
    {
      cause: error
    }
  )
}
