import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '../../../src/server/server'
import { readSettings } from '../../../src/server/settings'

export interface Vault {
  url: string
  key: string
  stop: () => Promise<void>
}

/** The stand-alone server as anybody starts it, on a free port, with a database of its own that `stop` removes. */
export async function startVault(): Promise<Vault> {
  const folder = await mkdtemp(join(tmpdir(), 'payment-vault-clients-'))
  const removeFolder = () => rm(folder, { recursive: true, force: true })
  // Postgres is another user when we are root, and must pass here.
  await chmod(folder, 0o711)
  const key = `sk_test_${randomBytes(16).toString('hex')}`
  const settings = readSettings({
    PORT: '0',
    PAYMENT_VAULT_DATA: join(folder, 'data'),
    PAYMENT_VAULT_SECRET_KEY: key,
    PAYMENT_VAULT_PG_BIN: process.env.PAYMENT_VAULT_PG_BIN
  })
  try {
    const { url, stop } = await startServer(settings, () => undefined)
    return { url, key, stop: () => stop().finally(removeFolder) }
  } catch (error) {
    await removeFolder()
    throw error
  }
}
