import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import { StartError } from '../../storage/start-error'
import { errorMessage } from '../../../plugins/errors/error-message'

/** The paths of the certificate and its key, in PEM format. */
export interface TlsFiles {
  /** The server's certificate first, then the intermediate certificates. */
  cert: string
  key: string
}

export interface Tls {
  cert: Buffer
  key: Buffer
  minVersion: 'TLSv1.2'
}

/** Reads both files. Throws StartError if a file is not readable or the key does not match the certificate. */
export async function readTls(files: TlsFiles): Promise<Tls> {
  const [cert, key] = await Promise.all([
    read(files.cert, 'PAYMENT_VAULT_TLS_CERT'),
    read(files.key, 'PAYMENT_VAULT_TLS_KEY')
  ])
  const tls: Tls = { cert, key, minVersion: 'TLSv1.2' }
  try {
    createSecureContext(tls)
  } catch (error) {
    throw new StartError(
      `PAYMENT_VAULT_TLS_CERT and PAYMENT_VAULT_TLS_KEY are not a certificate and its key: ${errorMessage(error)}`,
      { cause: error }
    )
  }
  return tls
}

async function read(file: string, variable: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    throw new StartError(`The file of ${variable} cannot be read: ${errorMessage(error)}`, { cause: error })
  }
}
