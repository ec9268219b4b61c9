import { BlockList, isIP, isIPv4 } from 'node:net'

/**
 * What an address is counted under: an IPv4 address under itself, an IPv6 address under its first 64 bits, as whoever
 * has one such address has all the others of them.
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  // What a proxy wrote that anybody is trusted to be may be anything.
  if (isIP(address) !== 6) return address.slice(0, 64)
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? []
  const first = groupsOf(head)
  const last = tail === undefined ? [] : groupsOf(tail)
  const zeros = Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0')
  const groups = [...first, ...zeros, ...last].slice(0, 4)
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}

/** The last 32 bits may stand as an IPv4 address: two groups, whatever is in them. */
const groupsOf = (part: string): string[] =>
  part === '' ? [] : part.split(':').flatMap((group) => (isIPv4(group) ? ['0', '0'] : [group]))

/** Whether only this machine reaches it. */
export function isLoopback(address: string): boolean {
  const family = isIP(address)
  return family !== 0 && loopback.check(address, family === 6 ? 'ipv6' : 'ipv4')
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')
