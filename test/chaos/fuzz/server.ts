import { buildApp } from '../../../src/server/app'
import { openDatabase } from '../../../src/server/open-database'
import { readSettings } from '../../../src/settings'

// The stand-alone server's app. It ends when its parent lets go of it.
async function main(): Promise<void> {
  const settings = readSettings({ DATABASE_URL: process.env.CHAOS_DATABASE_URL, LOG_LEVEL: 'silent' })
  const database = await openDatabase(settings, 'serve', () => undefined)
  const fingerprintKey = process.env.CHAOS_FINGERPRINT_KEY ?? ''
  const app = await buildApp(settings, database, { fingerprintKey, secretKey: 'sk_test_12345678', files: {} })
  process.once('disconnect', () => void app.close().then(database.close))
  process.send?.(await app.listen({ port: 0, host: '127.0.0.1' }))
}

void main()
