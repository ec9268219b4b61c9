import { lookup } from 'node:dns/promises'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Settings } from '../settings'
import { StartError } from '../../storage/start-error'
import { errorMessage } from '../../../plugins/errors/error-message'

/** Listens on the configured address. Returns the base URL for clients on this machine. Throws StartError. */
export async function listen(app: FastifyInstance, { host, port, tls }: Settings): Promise<string> {
  try {
    // Listens on one address. For the second address of `localhost`, Fastify would open another server, and `close`
    // would not wait for its requests.
    const { address } = await lookup(host, { order: 'ipv4first' })
    await app.listen({ host: address, port, listenTextResolver: () => 'listening' })
  } catch (error) {
    throw new StartError(refusal(error, host, port), { cause: error })
  }
  return baseUrl(tls ? 'https' : 'http', app.server.address() as AddressInfo)
}

function refusal(error: unknown, host: string, port: number): string {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') {
    return `Port ${port} on ${host} is in use: set PORT to another port, or to 0 for any free port.`
  }
  if (code === 'EACCES') return `This user may not listen on port ${port}: set PORT to a port above 1023.`
  if (code === 'ENOTFOUND' || code === 'EADDRNOTAVAIL' || code === 'EAI_AGAIN') {
    return `HOST is ${JSON.stringify(host)}, which is not an address of this machine.`
  }
  return `The server cannot listen on port ${port} of ${host}: ${errorMessage(error)}`
}

function baseUrl(protocol: string, { address, port }: AddressInfo): string {
  const reached = { '0.0.0.0': '127.0.0.1', '::': '::1' }[address] ?? address
  return `${protocol}://${reached.includes(':') ? `[${reached}]` : reached}:${port}`
}
