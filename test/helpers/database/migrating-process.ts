import pg from 'pg'
import { migrate } from '../../../src/storage/migrations/migrate'

export interface MigratingJob {
  url: string
  schema: string
  folder: string
}

// A process of its own that says when it's up, migrates when it's told to, and says what it applied.
const work = async ({ url, schema, folder }: MigratingJob): Promise<void> => {
  const pool = new pg.Pool({ connectionString: url, max: 2 })
  try {
    process.send?.({ applied: await migrate(pool, { schema, folder }) })
  } catch (error) {
    process.send?.({ failed: String(error) })
  }
  await pool.end()
  process.disconnect()
}

process.once('message', (job: MigratingJob) => void work(job))
process.send?.('up')
