// Imported as a namespace, because its functions call each other through `this`.
import * as ipaddr from 'ipaddr.js'

/**
 * Returns whether a delivery may go to an address: in live mode only to the public internet, in test mode
 * also to this machine. An IPv4-mapped IPv6 address counts as IPv4.
 */
export function isAllowedAddress(address: string, livemode: boolean): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.process(address)
  if (parsed.range() === 'loopback') return !livemode
  if (parsed.range() !== 'unicast') return false
  // ipaddr.js calls every unnamed range unicast, but IANA has assigned only this part of IPv6.
  return parsed.kind() === 'ipv4' ? parsed.toString() !== azureHostAddress : parsed.match(globalUnicast, 3)
}

const globalUnicast = ipaddr.IPv6.parse('2000::')

/** A public number, but inside Azure it reaches the host that serves secrets to virtual machines. */
const azureHostAddress = '168.63.129.16'
