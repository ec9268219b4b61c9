import { type LookupAddress, promises as dns } from 'node:dns'
import { type LookupFunction } from 'node:net'

/** Thrown for an address that no delivery may go to. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
}

/** Every address of a name. */
export type Resolve = (hostname: string) => Promise<LookupAddress[]>

/** Finds a name's addresses for a connection, and refuses it altogether when one of them is not allowed. */
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
 * Asks the name servers. The system's own lookup takes one of the few threads that everything in the process shares
 * for as long as a dead name server keeps it waiting; so it is asked only about what they do not know, which is
 * quick: a name in the hosts file, or one that wants the search domains.
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
