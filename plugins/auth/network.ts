// Imported as a namespace, because its functions call each other through `this`.
import * as ipaddr from 'ipaddr.js'
import { isIP } from 'node:net'

/**
 * Returns the key to count an address under: IPv4 by itself, IPv6 by its first 64 bits, because one customer
 * holds all of those addresses.
 */
export function networkOf(address: string): string {
  // A trusted proxy may forward any text as the address.
  if (isIP(address) === 0) return address.slice(0, 64)
  // An IPv4-mapped IPv6 address counts as IPv4.
  const parsed = ipaddr.process(address)
  if (parsed instanceof ipaddr.IPv4) return parsed.toString()
  const network = parsed.parts.slice(0, 4).map((group) => group.toString(16))
  return `${network.join(':')}::/64`
}

/** Returns whether only this machine reaches the address. */
export const isLoopback = (address: string): boolean =>
  isIP(address) !== 0 && ipaddr.process(address).range() === 'loopback'

/** Returns whether only this machine reaches a URL's host, which may be a name or IPv6 in brackets. */
export const isLoopbackHost = (host: string): boolean =>
  host === 'localhost' || isLoopback(host.replace(/^\[|\]$/g, ''))
