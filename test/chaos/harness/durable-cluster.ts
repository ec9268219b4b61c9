import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Pool } from 'pg'
import { startEmbeddedPostgres } from '../../../src/storage/postgres/embedded'
import { migrate } from '../../../src/storage/migrations/migrate'
import { findPostgres } from '../../../src/storage/postgres/binaries'
import { databaseUser } from '../../../src/storage/postgres/user'
import { databaseUrl, onServer } from '../../helpers/database/cluster'

/** A server that keeps what it has acknowledged, with a migrated database to be copied. */
export interface DurableCluster {
  url: string
  template: string
  /** As a power cut would end it (`pg_ctl stop -m immediate`), and up again, recovered. */
  crash: () => Promise<void>
  stop: () => Promise<void>
}

const template = 'vault_template'

export async function startDurableCluster(folder: string): Promise<DurableCluster> {
  const binaries = process.env.PAYMENT_VAULT_PG_BIN
  const user = databaseUser(join(folder, 'pg'))
  const { bin } = await findPostgres({ folder, binaries, say: () => undefined }, user)
  let running = await startEmbeddedPostgres({ folder, binaries })
  const { url } = running
  await onServer(url, `create database ${template} template template0`)
  const pool = new Pool({ connectionString: databaseUrl(url, template) })
  await migrate(pool, { schema: 'payment_vault' }).finally(() => pool.end())
  return {
    url,
    template,
    crash: async () => {
      const stop = ['stop', '--mode', 'immediate', '--pgdata', join(folder, 'pg')]
      await promisify(execFile)(join(bin, 'pg_ctl'), stop, { ...user, cwd: '/' })
      await running.stop()
      running = await startEmbeddedPostgres({ folder, binaries })
      if (running.url !== url) throw new Error('the database came back somewhere else')
    },
    stop: () => running.stop()
  }
}
