import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DatabaseUser } from './user'
import type { Postgres } from './binaries'
import { cleanEnvironment } from './cluster'
import { isAlive, readPidFile } from './pid-file'
import { StartError } from '../start-error'

// The shell execs the server, so that the server is our child. `cat`, forked twice, reads the end of the pipe
// when we exit, even by SIGKILL, and shuts the server down. It retries because we may exit before the pid
// file exists. The shell opens the log as the database user, who could otherwise point root at any file.
const guardScript = `
pp=$$; D=$1; shift
( ( cat <&3
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
      kill -0 $pp || break
      [ "$(head -n1 "$D/postmaster.pid")" = "$pp" ] && kill -INT $pp && break
      sleep 0.1
    done ) >/dev/null 2>&1 & )
exec "$@" 3<&- >>"$D/server.log" 2>&1`

// 5432 is only part of the socket's name: nothing listens on the network.
const socketName = '.s.PGSQL.5432'
const throwawayFlags = [
  '-F',
  '-c',
  'synchronous_commit=off',
  '-c',
  'full_page_writes=off',
  '-c',
  'max_connections=200'
]

interface RunningPostgres {
  url: string
  stop: () => Promise<void>
}

/**
 * Starts the cluster's server on a socket that only its user can reach, and waits until it answers. Resolves
 * with undefined when another server took the cluster first. Throws StartError when the server does not
 * start.
 */
export async function startPostgres(
  cluster: string,
  postgres: Postgres,
  user: DatabaseUser,
  throwaway: boolean
): Promise<RunningPostgres | undefined> {
  const socketFolder = await socketFolderOf(cluster, user)
  const log = join(cluster, 'server.log')
  const logOffset = (await stat(log).catch(() => undefined))?.size ?? 0
  const args = ['-D', cluster, '-k', socketFolder, '-p', '5432', '-c', 'listen_addresses=']
  if (throwaway) args.push(...throwawayFlags)
  const child = spawn(
    '/bin/sh',
    ['-c', guardScript, 'sh', cluster, join(postgres.bin, 'postgres'), ...args],
    {
      ...user,
      cwd: '/',
      env: cleanEnvironment(),
      // A separate session keeps Ctrl-C from the server: we drain first and then stop it.
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe']
    }
  )
  child.on('error', () => undefined)
  const pipe = child.stdio[3] as Socket
  pipe.on('error', () => undefined)
  // The server must not keep an idle program alive.
  child.unref()
  pipe.unref()
  const stop = async () => {
    await shutDown(child)
    pipe.destroy()
    if (socketFolder !== cluster) await rm(socketFolder, { recursive: true, force: true })
  }
  const url = await waitUntilReady(child, cluster)
  if (url !== undefined) return { url, stop }
  await stop()
  const holder = await readPidFile(cluster)
  if (holder && holder.pid !== child.pid && isAlive(holder.pid)) return undefined
  throw new StartError(`Postgres did not start (${await lastLogLine(log, logOffset)}): more is in ${log}.`)
}

/**
 * Returns the server's URL, or undefined when it exits. Waits up to two minutes, because crash recovery may
 * take long.
 */
async function waitUntilReady(child: ChildProcess, cluster: string): Promise<string | undefined> {
  const giveUp = Date.now() + 120_000
  while (Date.now() < giveUp && !hasEnded(child)) {
    const server = await readPidFile(cluster)
    if (server && server.pid === child.pid && server.status === 'ready') return server.url
    await sleep(10)
  }
  return undefined
}

/**
 * Shuts down fast, which ends all sessions. After 8 s it shuts down immediately, and the next start recovers.
 */
async function shutDown(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return
  child.ref()
  const ended = once(child, 'exit')
  child.kill('SIGINT')
  const escalation = setTimeout(() => child.kill('SIGQUIT'), 8000)
  await ended
  clearTimeout(escalation)
}

// A child without a pid was never spawned.
const hasEnded = (child: ChildProcess): boolean =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null

/**
 * Returns the socket's folder: the cluster, unless its path is too long for a socket (107 bytes on Linux, 103
 * on macOS).
 */
async function socketFolderOf(cluster: string, user: DatabaseUser): Promise<string> {
  const fits = (folder: string) => Buffer.byteLength(join(folder, socketName)) <= 100
  if (fits(cluster)) return cluster
  const name = 'payment-vault-XXXXXX'
  const folder = await mkdtemp(join(fits(join(tmpdir(), name)) ? tmpdir() : '/tmp', 'payment-vault-'))
  if (user.uid !== undefined && user.gid !== undefined) await chown(folder, user.uid, user.gid)
  return folder
}

async function lastLogLine(log: string, from: number): Promise<string> {
  const text = (await readFile(log).catch(() => Buffer.alloc(0))).subarray(from).toString()
  const lines = text.trim().split('\n')
  return lines.find((line) => /FATAL|PANIC/.test(line)) ?? lines.at(-1) ?? ''
}
