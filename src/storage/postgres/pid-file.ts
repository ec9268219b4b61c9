import { spawnSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { mkdtemp, readFile, realpath, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { sqlState } from '../../../plugins/database/errors/sql-errors'
import { StartError } from '../start-error'

/** The server that holds a cluster, as postmaster.pid describes it. */
interface Holder {
  pid: number
  url: string
  status: string
}

/**
 * Returns the server that holds the cluster once it answers; undefined when there is none. Removes a pid file
 * that names another program, because Postgres would refuse to start while that program runs. Waits up to 20
 * s for a server that is starting or stopping, then throws StartError.
 */
export async function findHolder(cluster: string): Promise<Holder | undefined> {
  const since = Date.now()
  for (;;) {
    const holder = await readPidFile(cluster)
    if (!holder) return undefined
    // Connect before looking at the pid: a server in another container on the same volume has a foreign pid.
    if (holder.status === 'ready' && (await answers(holder.url))) return holder
    // Postgres itself removes a dead server's file, after it has checked for live children.
    if (!isAlive(holder.pid)) return undefined
    const waited = Date.now() - since
    const is = processKind(holder.pid, await realpath(cluster))
    if (is === 'other' || (is === 'zombie' && waited > 1000)) return removePidFile(cluster, holder)
    if (waited > 20_000) {
      throw new StartError(
        `Process ${holder.pid}, a Postgres, holds ${cluster} and does not answer: stop it and start again.`
      )
    }
    await sleep(50)
  }
}

export async function readPidFile(cluster: string): Promise<Holder | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')
  const [pid = '', , , , socketFolder = '', , , status = ''] = text.split('\n')
  if (!Number(pid)) return undefined
  return { pid: Number(pid), url: urlOf(socketFolder), status: status.trim() }
}

// The URL names port and sslmode, because PGPORT and PGSSLMODE may be set for another server.
const urlOf = (socketFolder: string): string =>
  `postgresql://postgres@/postgres?host=${encodeURIComponent(socketFolder)}&port=5432&sslmode=disable`

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function processKind(pid: number, cluster: string): 'postgres' | 'zombie' | 'other' {
  if (process.platform !== 'linux') return commandOf(pid) === 'postgres' ? 'postgres' : 'other'
  try {
    const [, name, state] = /^\d+ \((.*)\) (\S)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    if (name !== 'postgres') return 'other'
    if (state === 'Z') return 'zombie'
    // Another cluster's server may have this pid. Each server runs in the folder of its own cluster.
    return readlinkSync(`/proc/${pid}/cwd`) === cluster ? 'postgres' : 'other'
  } catch {
    return 'postgres'
  }
}

const commandOf = (pid: number): string =>
  basename(spawnSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim())

/**
 * Removes the pid file and the socket's lock, which names the same process and would stop Postgres as well.
 */
async function removePidFile(cluster: string, stale: Holder): Promise<undefined> {
  await removeLockFile(stale.pid, cluster, 'postmaster.pid')
  await removeLockFile(stale.pid, cluster, '.s.PGSQL.5432.lock')
}

/**
 * Moves the file away before it reads it, so that it can put back the file of a server that started in
 * between.
 */
async function removeLockFile(pid: number, cluster: string, name: string): Promise<void> {
  const aside = await mkdtemp(join(cluster, 'stale-'))
  const moved = join(aside, name)
  await rename(join(cluster, name), moved).catch(() => undefined)
  const found = parseInt(await readFile(moved, 'utf8').catch(() => ''), 10)
  if (found && found !== pid) await rename(moved, join(cluster, name))
  await rm(aside, { recursive: true, force: true })
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return true
  } catch (error) {
    // A full server is running; one that starts up or shuts down is not.
    return ![undefined, '57P03'].includes(sqlState(error))
  } finally {
    await client.end().catch(() => undefined)
  }
}
