import type { FastifyInstance } from 'fastify'
import { connect } from 'node:net'
import type { Pool } from 'pg'
import type { Test } from 'tap'
import { Database } from '../../../plugins/database/database'
import { createKey } from '../../../src/resources/accounts/keys'
import { buildApp } from '../../../src/server/app'
import { readSettings } from '../../../src/server/settings'
import { newDatabase } from '../database/database'
import { fingerprintKey } from '../vault'

export interface ServerApp {
  app: FastifyInstance
  pool: Pool
  url: string
  port: number
  key: string
}

/** The stand-alone server's app on a database of its own. */
export async function startServerApp(t: Test): Promise<ServerApp> {
  const { pool } = await newDatabase(t)
  const db = new Database(pool, { schema: 'payment_vault', prepared: false })
  const key = await createKey(db, { livemode: false, kind: 'secret' })
  const app = await buildApp(
    { ...readSettings({ DATABASE_URL: 'postgresql://nowhere' }), logLevel: 'silent' },
    { pool, db, embedded: false, place: '', close: async () => undefined },
    { secretKey: key, fingerprintKey, files: {} }
  )
  t.teardown(() => app.close())
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return { app, pool, url, port: Number(new URL(url).port), key }
}

/** Sends exactly these bytes and gives back all that comes until the connection closes. */
export function raw(
  port: number,
  bytes: string | Buffer
): Promise<{ line: string; headers: string; body: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    socket.on('error', reject)
    socket.on('close', () => {
      const [head = '', body = ''] = text.split('\r\n\r\n')
      const [line = '', ...headers] = head.split('\r\n')
      resolve({ line, headers: headers.join('\n'), body })
    })
  })
}
