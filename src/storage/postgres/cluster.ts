import { execFile } from 'node:child_process'
import { chown, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { StartError } from '../start-error'
import type { Postgres } from './binaries'
import { errorLine } from './install'
import type { DatabaseUser } from './user'

const run = promisify(execFile)

/**
 * Creates the cluster if it does not exist, in a temporary folder that is then renamed. So a crash leaves no
 * partial cluster, and exactly one of several first starts wins. Throws StartError, also for another major
 * version.
 */
export async function makeCluster(
  cluster: string,
  postgres: Postgres,
  user: DatabaseUser,
  throwaway: boolean
): Promise<void> {
  if ((await filesIn(cluster)).length > 0) return checkVersion(cluster, postgres)
  await removeLeftovers(cluster)
  const fresh = await mkdtemp(`${cluster}.new-${process.pid}-`)
  if (user.uid !== undefined && user.gid !== undefined) await chown(fresh, user.uid, user.gid)
  try {
    // Without a locale the collation is "C", which sorts alike everywhere and survives changes of the C
    // library.
    const args = ['-D', fresh, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale']
    if (throwaway) args.push('--no-sync')
    await run(join(postgres.bin, 'initdb'), args, { ...user, cwd: '/', env: cleanEnvironment() }).catch(
      (error: unknown) => {
        throw new StartError(`The database could not be created in ${dirname(cluster)}: ${errorLine(error)}`)
      }
    )
    await rename(fresh, cluster).catch(async (error: unknown) => {
      // Another first start won.
      if ((await filesIn(cluster)).length === 0) throw error
    })
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
  await checkVersion(cluster, postgres)
}

/** Returns the environment without the variables that point Postgres or its clients to another server. */
export const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PG')))

const filesIn = (folder: string): Promise<string[]> =>
  readdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  })

async function checkVersion(cluster: string, postgres: Postgres): Promise<void> {
  const major = (await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => '')).trim()
  if (major === '')
    throw new StartError(`${cluster} is not a folder of Postgres: move it away and start again.`)
  if (major !== postgres.major) {
    throw new StartError(
      `${cluster} was created by Postgres ${major}, and this is Postgres ${postgres.major}: set PAYMENT_VAULT_PG_BIN to a Postgres ${major}, or PAYMENT_VAULT_DATA to another folder.`
    )
  }
  if ((await stat(cluster)).uid === 0) {
    throw new StartError(
      `${cluster} belongs to root, and Postgres does not run as root: give it to another user (chown -R).`
    )
  }
}

/** Removes what first starts left when they were killed in initdb. A recent folder may still be in use. */
async function removeLeftovers(cluster: string): Promise<void> {
  for (const name of await readdir(dirname(cluster))) {
    if (!name.startsWith(`${basename(cluster)}.new-`)) continue
    const path = join(dirname(cluster), name)
    const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now())
    if (age > 600_000) await rm(path, { recursive: true, force: true })
  }
}
