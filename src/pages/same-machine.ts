import type { FastifyRequest } from 'fastify'
import { isLoopback, isLoopbackHost } from '../../plugins/auth/network'

/**
 * Whether a page is asked for from this machine, under a name of this machine, and by nobody else's page. By another
 * name that leads here, somebody else's page would read the answer as its own.
 */
export function isOpenedHere({ headers, hostname, ip }: FastifyRequest): boolean {
  const from = headers['sec-fetch-site']
  return isLoopback(ip) && isLoopbackHost(hostname) && (from === undefined || from === 'same-origin')
}
