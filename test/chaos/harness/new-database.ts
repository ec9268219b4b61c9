import { Pool } from 'pg'
import { Database } from '../../../plugins/database/database'
import { createKey, firstAccount } from '../../../src/resources/accounts/keys'
import { accountIn } from '../../../src/protocol/view'
import { databaseUrl, onServer } from '../../helpers/database/cluster'

export interface ChaosDatabase {
  url: string
  pool: Pool
  db: Database
  /** As the tables have it: the first account in test mode, and a secret key of it. */
  account: string
  secretKey: string
}

let databases = 0

/** Runs `work` on a copy of the migrated database, which is dropped afterwards. */
export async function onNewDatabase<T>(
  server: { url: string; template: string },
  work: (database: ChaosDatabase) => Promise<T>
): Promise<T> {
  const name = `${server.template}_chaos_${++databases}`
  await onServer(server.url, `create database ${name} template ${server.template}`)
  const url = databaseUrl(server.url, name)
  const pool = new Pool({ connectionString: url, max: 2 })
  pool.on('error', () => undefined)
  try {
    const db = new Database(pool, { schema: 'payment_vault', prepared: false })
    const account = accountIn(await firstAccount(db), false)
    const secretKey = await createKey(db, { livemode: false, kind: 'secret' })
    return await work({ url, pool, db, account, secretKey })
  } finally {
    await pool.end()
    await onServer(server.url, `drop database ${name} with (force)`)
  }
}
