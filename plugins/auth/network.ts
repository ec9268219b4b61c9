// Whole: its functions call each other by `this`.
import * as ipaddr from 'ipaddr.js'
import { isIP } from 'node:net'

/**
 * What an address is counted under: an IPv4 address under itself, an IPv6 address under its first 64 bits, as whoever
 * has one such address has all the others of them.
 */
export function networkOf(address: string): string {
  // What a proxy wrote that anybody is trusted to be may be anything.
  if (isIP(address) === 0) return address.slice(0, 64)
  // An IPv4 address in IPv6's clothes is taken for what it is.
  const parsed = ipaddr.process(address)
  if (parsed instanceof ipaddr.IPv4) return parsed.toString()
  const network = parsed.parts.slice(0, 4).map((group) => group.toString(16))
  return `${network.join(':')}::/64`
}

/** Whether only this machine reaches it. */
export const isLoopback = (address: string): boolean =>
  isIP(address) !== 0 && ipaddr.process(address).range() === 'loopback'

/** The same of a host as a URL has it: also a name, and IPv6 in brackets. */
export const isLoopbackHost = (host: string): boolean =>
  host === 'localhost' || isLoopback(host.replace(/^\[|\]$/g, ''))
