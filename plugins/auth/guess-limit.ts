import { networkOf } from './network'
import { rateLimited } from './rate-limit'
import { TokenBuckets } from './token-buckets'

/** How many wrong keys may be tried from one address, and as many again that begin alike. */
export interface GuessLimit {
  /** At once. */
  atOnce: number
  /** From then on, a minute. */
  perMinute: number
}

export const defaultGuessLimit: GuessLimit = { atOnce: 100, perMinute: 60 }

/** One key that is looked up; its outcome has to be told. */
export interface Guess {
  /** It was no guess: it counts for nothing. */
  forgive: () => void
}

/**
 * Slows down whoever tries keys out, in this process: wrong keys are counted for the address that they come from (of
 * IPv6, for its /64) and for their first twelve characters, wherever they come from.
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
    // Taken before the key is looked up, else many could be on their way at once.
    if (!byAddress.take(network)) throw rateLimited(!key.includes('_test_'))
    if (!byBeginning.take(beginning)) throw rateLimited(!key.includes('_test_'))
    const forgive = () => {
      byAddress.putBack(network)
      byBeginning.putBack(beginning)
    }
    return { forgive }
  }
}
