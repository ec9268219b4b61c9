import { execFile } from 'node:child_process'
import { chown, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { findPostgres } from '../../../src/storage/postgres/binaries'
import { type DatabaseUser, databaseUser } from '../../../src/storage/postgres/user'

const run = promisify(execFile)

/** A server of Postgres's and its standby, which has all that the first one has acknowledged (synchronous replication). */
export class Servers {
  readonly #folder: string
  readonly #user: DatabaseUser
  readonly #bin: string
  #made = 0
  #first: string
  #standby: string | undefined

  private constructor(folder: string, user: DatabaseUser, bin: string) {
    this.#folder = folder
    this.#user = user
    this.#bin = bin
    this.#first = this.#next()
  }

  /** Starts a first one alone. */
  static async start(folder: string): Promise<Servers> {
    const user = databaseUser(join(folder, 'pg'))
    await mkdir(folder, { mode: 0o700 })
    if (user.uid !== undefined && user.gid !== undefined) await chown(folder, user.uid, user.gid)
    const { bin } = await findPostgres(
      { folder, binaries: process.env.PAYMENT_VAULT_PG_BIN, say: () => undefined },
      user
    )
    const servers = new Servers(folder, user, bin)
    const how = '-U postgres -A trust -E UTF8 --no-locale --no-sync'.split(' ')
    await servers.#tool('initdb', ['-D', servers.#first, ...how])
    await servers.#start(servers.#first)
    return servers
  }

  /** Of the first one, for its administrator. */
  get url(): string {
    return urlOf(this.#first)
  }

  /** Path of the first one's socket. */
  get socket(): string {
    return socketOf(this.#first)
  }

  /** Path of the standby's socket. */
  get standbySocket(): string {
    return socketOf(this.#standby ?? '')
  }

  /** Makes a standby, without which nothing is acknowledged from then on. */
  async addStandby(): Promise<void> {
    const standby = this.#next()
    const client = new pg.Client({ connectionString: this.url })
    await client.connect()
    try {
      await client.query("select pg_backup_start('standby', true)")
      await this.#as('cp', ['-R', this.#first, standby])
      const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop()')
      for (const file of ofRunningServer) await rm(join(standby, file), { force: true })
      await this.#write(join(standby, 'backup_label'), rows[0]?.labelfile ?? '')
      await this.#write(join(standby, 'standby.signal'), '')
      await this.#write(
        join(standby, 'postgresql.auto.conf'),
        `primary_conninfo = 'host=${this.#first} user=postgres'\n`
      )
      await this.#start(standby)
      this.#standby = standby
      await client.query("alter system set synchronous_standby_names = '*'")
      // What is read from it right after is to be what was acknowledged.
      await client.query("alter system set synchronous_commit = 'remote_apply'")
      await client.query('select pg_reload_conf()')
      while ((await client.query(streaming)).rowCount === 0) await sleep(20)
    } finally {
      await client.end()
    }
  }

  /** As an administrator would, who warns nobody. */
  async restart(): Promise<void> {
    await this.#stop(this.#first, 'fast')
    await this.#start(this.#first)
  }

  /** The first one is gone, as by a power cut. */
  async lose(): Promise<void> {
    await this.#stop(this.#first, 'immediate')
  }

  /** The standby is the first one from now on. */
  async promote(): Promise<void> {
    if (this.#standby === undefined) throw new Error('there is no standby')
    await this.#tool('pg_ctl', ['promote', '-w', '-D', this.#standby])
    await rm(this.#first, { recursive: true })
    this.#first = this.#standby
    this.#standby = undefined
  }

  async end(): Promise<void> {
    for (const folder of [this.#first, this.#standby])
      if (folder !== undefined) await this.#stop(folder, 'immediate').catch(() => undefined)
    await rm(this.#folder, { recursive: true, force: true })
  }

  #next(): string {
    return join(this.#folder, `pg${++this.#made}`)
  }

  async #start(folder: string): Promise<void> {
    const options = `-k '${folder}' -c listen_addresses= -c max_connections=200`
    await this.#tool('pg_ctl', ['start', '-w', '-D', folder, '-l', join(folder, 'server.log'), '-o', options])
  }

  async #stop(folder: string, mode: string): Promise<void> {
    await this.#tool('pg_ctl', ['stop', '-w', '-D', folder, '-m', mode])
  }

  async #tool(name: string, args: string[]): Promise<void> {
    await this.#as(join(this.#bin, name), args)
  }

  async #as(program: string, args: string[]): Promise<void> {
    await run(program, args, { ...this.#user, cwd: '/' })
  }

  async #write(file: string, text: string): Promise<void> {
    await writeFile(file, text)
    const { uid, gid } = this.#user
    if (uid !== undefined && gid !== undefined) await chown(file, uid, gid)
  }
}

const urlOf = (folder: string): string => `postgresql://postgres@/postgres?host=${encodeURIComponent(folder)}`

const ofRunningServer = ['postmaster.pid', 'postmaster.opts', '.s.PGSQL.5432', '.s.PGSQL.5432.lock']

const socketOf = (folder: string): string => join(folder, '.s.PGSQL.5432')

const streaming = "select from pg_stat_replication where state = 'streaming' and sync_state = 'sync'"
