// Whole: its functions call each other by `this`.
import * as ipaddr from 'ipaddr.js'

/**
 * Whether a delivery may go to that address: in live mode to one of the public internet alone, in test mode to this
 * very machine as well. An IPv4 address in IPv6's clothes is judged as what it is.
 */
export function isAllowedAddress(address: string, livemode: boolean): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.process(address)
  if (parsed.range() === 'loopback') return !livemode
  if (parsed.range() !== 'unicast') return false
  // What is not named is taken for public there, but in IPv6 only this part has been given to anyone so far.
  return parsed.kind() === 'ipv4' ? parsed.toString() !== azureHostAddress : parsed.match(globalUnicast, 3)
}

const globalUnicast = ipaddr.IPv6.parse('2000::')

/** Public as a number, but within Azure it is the machine that keeps the secrets of the others. */
const azureHostAddress = '168.63.129.16'
