import type { FastifyRequest } from 'fastify'
import { isLoopback, isLoopbackHost } from '../../plugins/auth/network'

/**
 * Returns whether a request comes from this machine, under a loopback name, and not from another site's page. Under
 * another name that resolves to this machine, a foreign page would have the same origin and could read the answer.
 */
export function isFromThisMachine({ headers, hostname, ip }: FastifyRequest): boolean {
  const from = headers['sec-fetch-site']
  return isLoopback(ip) && isLoopbackHost(hostname) && (from === undefined || from === 'same-origin')
}
