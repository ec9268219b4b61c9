import Fastify from 'fastify'
import { Writable } from 'node:stream'
import t from 'tap'
import type { Pool } from 'pg'
import { paymentVault } from '../../src/index'
import { databaseUrl } from '../helpers/database/cluster'
import { newDatabase } from '../helpers/database/database'
import { fingerprintKey } from '../helpers/vault'

interface Line {
  level: number
  msg: string
  setting?: string
}

/** All that an app with the vault logs from its start to its end. */
async function logged(connectionString: string, migrate: 'auto' | 'off' = 'auto'): Promise<Line[]> {
  const lines: Line[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()) as Line)
      done()
    }
  })
  const app = Fastify({ logger: { level: 'debug', stream } })
  await app.register(paymentVault, { connectionString, fingerprintKey, migrate })
  await app.ready()
  await app.close()
  return lines
}

const warnings = (lines: Line[]): string[] =>
  lines.flatMap(({ level, setting }) => (level === 40 && setting !== undefined ? [setting] : []))

/** Of the server that the tests run on, which may be one that is made to forget. */
async function offForAll(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    "select name from pg_settings where name in ('fsync', 'full_page_writes') and setting = 'off' order by name"
  )
  return rows.map(({ name }) => name)
}

t.test('settings by which acknowledged work can be lost are warned of, once each', async (t) => {
  const { url, pool } = await newDatabase(t)
  const name = /\/(\w+)(\?|$)/.exec(url)?.[1] ?? ''
  const commits = (value: string) => pool.query(`alter database ${name} set synchronous_commit = ${value}`)
  await commits('off')
  const lines = await logged(url)
  t.same(warnings(lines), [...(await offForAll(pool)), 'synchronous_commit'])
  for (const { setting = '', msg } of lines.filter(({ level }) => level === 40)) {
    t.match(msg, new RegExp(`^${setting} is off: .* crash .*\\.$`))
  }
  for (const safe of ['on', 'local']) {
    await commits(safe)
    t.same(warnings(await logged(url)), await offForAll(pool), safe)
  }
})

t.test('a database that is away keeps no app from starting, nor from closing', async (t) => {
  const { url } = await newDatabase(t)
  const lines = await logged(databaseUrl(url, 'nowhere'), 'off')
  t.same(warnings(lines), [])
  t.ok(lines.some(({ level, msg }) => level === 20 && msg.startsWith('the durability settings')))
})
