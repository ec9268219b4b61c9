import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { StartError } from '../start-error'

/** Whom Postgres and its tools are spawned as: nothing to say for an ordinary user, never root. */
export type DatabaseUser = { uid?: number; gid?: number }

/**
 * Postgres refuses to run as root. A cluster that exists is run by its owner; a new one by the user `postgres`,
 * or else `nobody` (initdb needs somebody whom /etc/passwd knows, and we add no users to the host).
 */
export function databaseUser(cluster: string): DatabaseUser {
  if (process.getuid?.() !== 0) return {}
  const owner = statSync(cluster, { throwIfNoEntry: false })
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  const user = passwdEntry('postgres') ?? passwdEntry('nobody')
  if (user) return user
  throw new StartError(
    'Postgres cannot run as root, and this machine has neither a user postgres nor nobody: start as another user, or set DATABASE_URL.'
  )
}

/** `.payment-vault` in the working directory, or for root a place of the system when Postgres can't enter that. */
export function defaultDataFolder(): string {
  const folder = resolve('.payment-vault')
  return canEnter(folder, databaseUser(join(folder, 'pg'))) ? folder : '/var/lib/fastify-payment-vault'
}

/** Whether the user can go down to the folder, or to the last part of its path that exists. */
export function canEnter(folder: string, user: DatabaseUser): boolean {
  if (user.uid === undefined) return true
  let nearest = folder
  while (!existsSync(nearest)) nearest = dirname(nearest)
  // Asked of the system as that user, because the mode bits say nothing of access lists.
  return (
    spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', nearest], { ...user, cwd: '/', stdio: 'ignore' })
      .status === 0
  )
}

function passwdEntry(name: string): DatabaseUser | undefined {
  const passwd = existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8') : ''
  const [, uid, gid] = new RegExp(`^${name}:[^:]*:(-?\\d+):(-?\\d+):`, 'm').exec(passwd) ?? []
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) }
}
