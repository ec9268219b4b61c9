import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { StartError } from '../start-error'

/** The user to spawn Postgres and its tools as, never root; empty for the current user. */
export type DatabaseUser = { uid?: number; gid?: number }

/**
 * Returns the user to run Postgres as, because it refuses to run as root. The owner runs an existing cluster.
 * The user `postgres`, or else the system's unprivileged user, runs a new one: initdb needs an entry in
 * /etc/passwd, and we add no users. Throws StartError when there is none.
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

/**
 * Returns `.payment-vault` in the working directory, or a system folder for root when Postgres can't enter
 * that one.
 */
export function defaultDataFolder(): string {
  const folder = resolve('.payment-vault')
  return canEnter(folder, databaseUser(join(folder, 'pg'))) ? folder : '/var/lib/fastify-payment-vault'
}

/** Returns whether the user can enter the folder, or the deepest part of its path that exists. */
export function canEnter(folder: string, user: DatabaseUser): boolean {
  if (user.uid === undefined) return true
  let nearest = folder
  while (!existsSync(nearest)) nearest = dirname(nearest)
  // Only the system can tell: mode bits do not show access lists.
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
