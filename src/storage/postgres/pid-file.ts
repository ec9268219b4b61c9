import { spawnSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { mkdtemp, readFile, realpath, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { sqlState } from '../../../plugins/database/errors/sql-errors'
import { StartError } from '../start-error'

/** What postmaster.pid says of the server that holds a cluster. */
export interface Holder {
  pid: number
  url: string
  status: string
}

/**
 * The server that holds the cluster, once it answers; undefined when there is none. A pid file that names another
 * program is removed: Postgres itself would refuse for as long as that program runs. Waits for a server that is
 * starting or dying, 20 s at most, then throws StartError.
 */
export async function findHolder(cluster: string): Promise<Holder | undefined> {
  const since = Date.now()
  for (;;) {
    const holder = await readPidFile(cluster)
    if (!holder) return undefined
    // Asked first: in another container on the same volume it has a number that says nothing here.
    if (holder.status === 'ready' && (await answers(holder.url))) return holder
    // The file of a dead server is left to Postgres, which also looks whether any of its children are alive.
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

// Port and sslmode are said because PGPORT and PGSSLMODE may be set for some other server.
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
    // Another cluster's server may have got the number of ours. Each stands in its own cluster.
    return readlinkSync(`/proc/${pid}/cwd`) === cluster ? 'postgres' : 'other'
  } catch {
    return 'postgres'
  }
}

const commandOf = (pid: number): string =>
  basename(spawnSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim())

/** With the lock of the socket, which names the same process and would stop Postgres just the same. */
async function removePidFile(cluster: string, stale: Holder): Promise<undefined> {
  await removeLockFile(stale.pid, cluster, 'postmaster.pid')
  await removeLockFile(stale.pid, cluster, '.s.PGSQL.5432.lock')
}

/** Moved away first, so that the file of a server that started in between is seen, and put back. */
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
    // A full server is there; one that is starting up or shutting down is not.
    return ![undefined, '57P03'].includes(sqlState(error))
  } finally {
    await client.end().catch(() => undefined)
  }
}
