import { createHash, hash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { WireError } from '../errors/errors'
import { type GuessLimit, limitGuesses } from './guess-limit'
import { databaseBusy } from '../database/errors/lock-timeout'

/** The caller: an account in one mode, authenticated by a secret, restricted or publishable key. */
export interface Principal {
  /** The account's id, such as `acct_…`, or the host's id of a tenant. */
  account: string
  livemode: boolean
  /** True for a publishable key. It may call only routes that allow it, and it sees fewer fields. */
  publishable?: boolean
  /**
   * What the caller may do, by resource (`{ customers: 'read' }`). `write` includes `read`. Default:
   * everything.
   */
  permissions?: Permissions | undefined
  /** Returns whether the caller may act as another account in the same mode. Default: as no other account. */
  mayActAs?: (account: string) => boolean | Promise<boolean>
}

export type Permissions = Readonly<Partial<Record<string, 'read' | 'write'>>>

export interface FoundKey {
  principal: Principal
  /** When the key expires, in milliseconds since 1970. Default: never. */
  expires?: number | undefined
}

/** Finds a key by its SHA-256. Resolves with undefined for a key that is unknown or revoked. */
type FindKey = (hash: Buffer) => Promise<FoundKey | undefined>

interface KeyAuthenticationOptions {
  /** How long a found key is cached. */
  cacheMs: number
  /** The limit on wrong keys. Default: none. */
  guessLimit?: GuessLimit | undefined
}

/**
 * The host's own authentication, in place of keys. Returns the caller, or throws the host's refusal. An error
 * with a `statusCode` from 400 to 499 (as in http-errors and @fastify/error) is answered with that status and
 * its message. A 503 is answered with that status alone. Any other error is a 500, and so is an empty
 * account: no caller gets in by mistake.
 */
export type Authenticate = (request: FastifyRequest) => Principal | Promise<Principal>

export const hashKey = (key: string): Buffer => createHash('sha256').update(key).digest()

// The most calls that wait for key lookups; as many may wait for the database.
const maxWaiting = 2000

/**
 * Returns an authenticator for `Authorization: Bearer <key>`, and for Basic with the key as the user name. It
 * caches a found key for `cacheMs`, so that a busy caller costs no query. A revoked key may work that long in
 * this process; an expired key does not.
 *
 * After too many wrong keys, keys unknown to this process get a 429 without a lookup. Known keys are still
 * looked up, so guesses never lock out the owner of a key.
 */
export function keyAuthentication(findKey: FindKey, options: KeyAuthenticationOptions): Authenticate {
  // Holds only keys that exist, so guesses can't make it grow.
  const cache = new Map<string, { found: FoundKey; until: number }>()
  const lookups = new Map<string, Promise<Principal>>()
  let waiting = 0
  const countGuess = options.guessLimit && limitGuesses(options.guessLimit)

  const lookUp = async (request: FastifyRequest, key: string, name: string) => {
    const guess = cache.has(name) ? undefined : countGuess?.(request.ip, key)
    let found: FoundKey | undefined
    try {
      found = await findKey(Buffer.from(name, 'base64'))
    } catch (error) {
      guess?.forgive()
      throw error
    }
    if (!found) {
      cache.delete(name)
      throw wrongKey(key)
    }
    guess?.forgive()
    const now = Date.now()
    cache.set(name, { found, until: Math.min(now + options.cacheMs, found.expires ?? Infinity) })
    if (hasExpired(found, now)) throw expiredKey(key)
    return found.principal
  }

  return (request) => {
    const key = apiKeyFrom(request.headers.authorization)
    if (key === undefined) throw noKey()
    // Same digest as hashKey at a fifth of the cost; every call runs this.
    const name = hash('sha256', key, 'base64')
    const known = cache.get(name)
    if (known && known.until > Date.now()) return known.found.principal
    // A lookup may wait for the database. A rejected call must not start one: a promise without a handler
    // that rejects ends the process.
    if (waiting >= maxWaiting) throw databaseBusy()
    // Concurrent calls with one key share a lookup.
    let running = lookups.get(name)
    if (!running) {
      running = lookUp(request, key, name).finally(() => lookups.delete(name))
      lookups.set(name, running)
    }
    waiting++
    return running.finally(() => waiting--)
  }
}

const hasExpired = ({ expires }: FoundKey, now: number): boolean => expires !== undefined && expires <= now

/** Returns the key in an Authorization header; undefined when there is none. */
export function apiKeyFrom(header: string | undefined): string | undefined {
  const [, scheme, credentials] = /^(bearer|basic) +(\S+) *$/i.exec(header ?? '') ?? []
  if (scheme === undefined || credentials === undefined) return undefined
  if (scheme.toLowerCase() === 'bearer') return credentials
  // Some clients send the plain key with "Basic". A key contains an underscore, which base64 does not.
  if (credentials.includes('_')) return credentials.replace(/:$/, '')
  const user = Buffer.from(credentials, 'base64').toString('utf8').split(':', 1)[0]
  return user === '' ? undefined : user
}

/** Masks a key: keeps the first eight and the last four characters, and replaces each other one by a star. */
export function maskKey(key: string): string {
  // Mask a short key completely, and never send unprintable characters back.
  const printable = key.slice(0, 200).replace(/[^\x21-\x7e]/g, '?')
  if (printable.length <= 12) return '*'.repeat(printable.length)
  return printable.slice(0, 8) + '*'.repeat(printable.length - 12) + printable.slice(-4)
}

/** Adds the headers of a 401, which has neither a request id nor a version because the caller is unknown. */
export function challenge(reply: FastifyReply): void {
  reply.removeHeader('request-id')
  reply.removeHeader('stripe-version')
  void reply.header('www-authenticate', 'Bearer realm="Stripe"')
}

const unauthorized = (message: string, code?: string): WireError =>
  new WireError(401, { type: 'invalid_request_error', message, code })

const noKey = (): WireError =>
  unauthorized(
    "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/."
  )

const wrongKey = (key: string): WireError => unauthorized(`Invalid API Key provided: ${maskKey(key)}`)

const expiredKey = (key: string): WireError =>
  unauthorized(`Expired API Key provided: ${maskKey(key)}`, 'api_key_expired')

/** Returns the 401 for a publishable key on a route that needs a secret key. */
export const secretKeyRequired = (): WireError =>
  unauthorized(
    'This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.',
    'secret_key_required'
  )
