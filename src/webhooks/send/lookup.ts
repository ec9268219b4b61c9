import { type LookupAddress, promises as dns } from 'node:dns'
import { type LookupFunction } from 'node:net'

/** Thrown for an address that deliveries must not use. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
}

/** Returns every address of a host name. */
export type Resolve = (hostname: string) => Promise<LookupAddress[]>

/** Makes a lookup function that throws AddressRefused when one address of a name is not allowed. */
export function guardedLookup(allows: (address: string) => boolean, resolve: Resolve): LookupFunction {
  const resolveAllowed = async (hostname: string): Promise<[LookupAddress, ...LookupAddress[]]> => {
    const [first, ...others] = await resolve(hostname)
    if (!first || ![first, ...others].every(({ address }) => allows(address))) throw new AddressRefused()
    return [first, ...others]
  }
  return (hostname, options, callback) => {
    resolveAllowed(hostname).then(
      (found) => {
        if (options.all === true) callback(null, found)
        else callback(null, found[0].address, found[0].family)
      },
      (error: unknown) => {
        callback(error as NodeJS.ErrnoException, [])
      }
    )
  }
}

/**
 * Queries the name servers directly. `dns.lookup` would occupy a thread of the shared pool while a dead name server
 * times out. It is only the fallback for names that the name servers do not know, which is fast: names in the hosts
 * file, and names that need the search domains.
 */
export async function resolveName(hostname: string): Promise<LookupAddress[]> {
  if (/(^|\.)localhost\.?$/i.test(hostname)) return dns.lookup('localhost', { all: true })
  const resolver = new dns.Resolver({ timeout: 3000, tries: 2 })
  const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)])
  const found = answers.flatMap((answer, i) =>
    answer.status === 'fulfilled' ? answer.value.map((address) => ({ address, family: i === 0 ? 4 : 6 })) : []
  )
  if (found.length > 0) return found
  for (const answer of answers) {
    if (answer.status === 'rejected' && slow.has((answer.reason as NodeJS.ErrnoException).code))
      throw answer.reason
  }
  return dns.lookup(hostname, { all: true })
}

const slow = new Set<string | undefined>(['ETIMEOUT', 'ESERVFAIL'])
