import { networkOf } from './network'
import { rateLimited } from './rate-limit'
import { TokenBuckets } from './token-buckets'

/** The limit on wrong keys from one address, and on wrong keys that start alike. */
export interface GuessLimit {
  /** How many may follow each other without a pause. */
  atOnce: number
  /** How many more each minute. */
  perMinute: number
}

export const defaultGuessLimit: GuessLimit = { atOnce: 100, perMinute: 60 }

/** One key lookup. */
interface Guess {
  /** Returns the tokens: the key was not a guess. */
  forgive: () => void
}

/**
 * Limits guesses of keys in this process. It counts wrong keys by address (IPv6: by /64) and, from any
 * address, by their first twelve characters.
 */
export function limitGuesses({
  atOnce,
  perMinute
}: GuessLimit): (address: string | undefined, key: string) => Guess {
  const options = { size: atOnce, perSecond: perMinute / 60 }
  const byAddress = new TokenBuckets(options)
  const byBeginning = new TokenBuckets(options)
  return (address = '', key) => {
    const network = networkOf(address)
    const beginning = key.slice(0, 12)
    // Take the tokens before the lookup, or many concurrent guesses would pass.
    if (!byAddress.take(network)) throw rateLimited(!key.includes('_test_'))
    if (!byBeginning.take(beginning)) throw rateLimited(!key.includes('_test_'))
    const forgive = () => {
      byAddress.putBack(network)
      byBeginning.putBack(beginning)
    }
    return { forgive }
  }
}
