import { createHash, hash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { WireError } from '../errors/errors'
import { type GuessLimit, limitGuesses } from './guess-limit'
import { databaseBusy } from '../database/errors/lock-timeout'

/** Who is calling: an account in one mode, by a secret key, a restricted or a publishable one. */
export interface Principal {
  /** The account's id, such as `acct_…` or a tenant's id of the host's. */
  account: string
  livemode: boolean
  /** Set for a publishable key: it may call only what says so, and sees less. */
  publishable?: boolean
  /** What it may do, by resource (`{ customers: 'read' }`), where `write` is to read as well; without it, everything. */
  permissions?: Permissions | undefined
  /** Whether it may act as another account, in the same mode, where a call names one; without it, as none. */
  mayActAs?: (account: string) => boolean | Promise<boolean>
}

export type Permissions = Readonly<Partial<Record<string, 'read' | 'write'>>>

export interface FoundKey {
  principal: Principal
  /** Milliseconds since 1970 from which on it lets nobody in; without it, never. */
  expires?: number | undefined
}

/** Finds the owner of a key by its SHA-256; undefined for one that never was or was revoked. */
export type FindKey = (hash: Buffer) => Promise<FoundKey | undefined>

export interface KeyAuthenticationOptions {
  /** Milliseconds for which an answer is remembered. */
  cacheMs: number
  /** How many wrong keys may be tried; without it, any number. */
  guessLimit?: GuessLimit | undefined
}

/**
 * What a host may give instead of keys: returns who is calling, or throws its own refusal. An error with a
 * `statusCode` from 400 to 499 (as of http-errors or @fastify/error) is answered with that status and its message,
 * in the wire's shape, one with 503 with that status alone; any other is a 500, and so is an account that is empty:
 * nobody is let in by mistake.
 */
export type Authenticate = (request: FastifyRequest) => Principal | Promise<Principal>

export const hashKey = (key: string): Buffer => createHash('sha256').update(key).digest()

// The most calls that wait for lookups, all together: as many as may wait for the database.
const maxWaiting = 2000

/**
 * Reads `Authorization: Bearer <key>`, or Basic with the key as user name, with or without the colon, and finds
 * whose key it is. An answer is remembered for `rememberFor` milliseconds, so that a busy caller costs no query;
 * that is also how long a revoked key may still work in this process, but not an expired one.
 *
 * Where too many wrong keys came in, keys that this process has never let in are answered with a 429, unseen. One that
 * it has let in goes on being looked up: nobody who has a key is locked out by those who have none.
 */
export function keyAuthentication(findKey: FindKey, options: KeyAuthenticationOptions): Authenticate {
  // Only keys that exist are in there, so it can't grow by guesses.
  const remembered = new Map<string, { found: FoundKey; until: number }>()
  const lookups = new Map<string, Promise<Principal>>()
  let waiting = 0
  const guess = options.guessLimit && limitGuesses(options.guessLimit)

  const lookUp = async (request: FastifyRequest, key: string, name: string) => {
    const guessed = remembered.has(name) ? undefined : guess?.(request.ip, key)
    let found: FoundKey | undefined
    try {
      found = await findKey(Buffer.from(name, 'base64'))
    } catch (error) {
      guessed?.forgive()
      throw error
    }
    if (!found) {
      remembered.delete(name)
      throw wrongKey(key)
    }
    guessed?.forgive()
    const now = Date.now()
    remembered.set(name, { found, until: Math.min(now + options.cacheMs, found.expires ?? Infinity) })
    if (hasExpired(found, now)) throw expiredKey(key)
    return found.principal
  }

  return (request) => {
    const key = apiKeyFrom(request.headers.authorization)
    if (key === undefined) throw noKey()
    // As hashKey does it, at a fifth of the cost: each call comes by here.
    const name = hash('sha256', key, 'base64')
    const known = remembered.get(name)
    if (known && known.until > Date.now()) return known.found.principal
    // A lookup may have to wait for the database, and whoever calls meanwhile for the lookup. None is begun for a call
    // that is refused: nobody would take what it is rejected with, which ends a process.
    if (waiting >= maxWaiting) throw databaseBusy()
    // Calls that come together with a key ask for it once.
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

/** The key as the header has it; undefined where there is none. */
export function apiKeyFrom(header: string | undefined): string | undefined {
  const [, scheme, credentials] = /^(bearer|basic) +(\S+) *$/i.exec(header ?? '') ?? []
  if (scheme === undefined || credentials === undefined) return undefined
  if (scheme.toLowerCase() === 'bearer') return credentials
  // Some clients send the key itself behind "Basic": it holds an underscore, which base64 does not.
  if (credentials.includes('_')) return credentials.replace(/:$/, '')
  const user = Buffer.from(credentials, 'base64').toString('utf8').split(':', 1)[0]
  return user === '' ? undefined : user
}

/** The first eight characters and the last four stay; the rest is stars, one for each character. */
export function maskKey(key: string): string {
  // What is too short to hide anything behind stars is hidden whole, and nothing unprintable is sent back.
  const printable = key.slice(0, 200).replace(/[^\x21-\x7e]/g, '?')
  if (printable.length <= 12) return '*'.repeat(printable.length)
  return printable.slice(0, 8) + '*'.repeat(printable.length - 12) + printable.slice(-4)
}

/** A 401 carries neither a request id nor a version: the caller is nobody yet. */
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

/** A publishable key where only a secret one may call. */
export const secretKeyRequired = (): WireError =>
  unauthorized(
    'This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.',
    'secret_key_required'
  )
