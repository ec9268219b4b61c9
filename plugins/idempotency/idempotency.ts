import { hash } from 'node:crypto'
import type { Database } from '../database/database'
import { isLockTimeout } from '../database/errors/lock-timeout'
import { lockNotAvailable, sqlState } from '../database/errors/sql-errors'
import { type Queryable, statement } from '../database/statement'
import { errorBody, WireError } from '../errors/errors'
import { toBody } from '../json/json'
import { isDatabaseBusy } from '../database/errors/lock-timeout'

/** One request that may be sent again: whose key it is, what it asks for, and who asked first. */
export interface Attempt {
  account: string
  key: string
  /** The path as it was called, without a prefix or a query: the key belongs to it. */
  endpoint: string
  /** From `hashParameters`. */
  parameters: Buffer
  requestId: string
  version: string
}

/** What a POST answers, ready to be sent: the same bytes for the first call and for every replay. */
export class Answer {
  readonly status: number
  readonly body: string
  /** The request that made the answer: another one than the present when it is a replay. */
  readonly originalRequest: string | undefined
  readonly replayed: boolean

  constructor(
    status: number,
    body: string,
    of: { originalRequest?: string | undefined; replayed?: boolean } = {}
  ) {
    this.status = status
    this.body = body
    this.originalRequest = of.originalRequest
    this.replayed = of.replayed ?? false
  }
}

/** How the first call with a key is kept. */
export interface Kept {
  endpoint: string
  parameters: Buffer
  request_id: string
  status: number | null
  body: string | null
}

/**
 * Does `work` once per idempotency key. The key's claim, whatever `work` writes and the answer commit in one
 * transaction, so a crash leaves all of it or nothing, and a second call with the key waits for the first one's end
 * and answers the same bytes. Without an attempt it is a plain transaction.
 *
 * What `work` gives becomes the body of a 200. A refusal that it throws undoes what it wrote, and is kept as well when
 * the endpoint had executed (`WireError.executed`); every other error leaves the key free. A refusal that it gives
 * back is the answer too, and what was written stays: a card that declined leaves its trace. Throws
 * `idempotency_error` (400) for a key that belongs to another request, and 409 when the first call holds the key for
 * longer than a moment.
 */
export async function once(
  db: Database,
  attempt: Attempt | null,
  work: (tx: Queryable) => Promise<unknown>
): Promise<Answer> {
  return orKeptRefusal(db, attempt, async () => {
    if (!attempt) return answerOf(await db.transaction(work))
    return db.transaction(async (tx) => firstOrReplay(tx, attempt, async () => answerOf(await work(tx))))
  })
}

/**
 * Runs what may be refused after the endpoint began to execute, and keeps the refusal under the attempt's key. For
 * what must happen before the transaction of `once` or beside it, such as asking somebody else: nobody is asked again
 * where an answer is kept already.
 */
export async function keepingRefusals(
  db: Database,
  attempt: Attempt | null,
  run: () => Promise<Answer>
): Promise<Answer> {
  return (await keptAnswer(db, attempt)) ?? orKeptRefusal(db, attempt, run)
}

/** What the attempt's key is answered with already, if it is. Throws for a key that belongs to another request. */
export async function keptAnswer(db: Queryable, attempt: Attempt | null): Promise<Answer | undefined> {
  const [first] = attempt ? await db.query(findFirstCall, [attempt.account, attempt.key]) : []
  return attempt && isWhole(first) ? replay(first, attempt) : undefined
}

async function orKeptRefusal(
  db: Database,
  attempt: Attempt | null,
  run: () => Promise<Answer>
): Promise<Answer> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof WireError) || !error.executed) throw error
    const answer = answerOf(error)
    return attempt ? db.transaction((tx) => firstOrReplay(tx, attempt, () => answer)) : answer
  }
}

const answerOf = (value: unknown): Answer =>
  value instanceof WireError ? new Answer(value.status, errorBody(value)) : new Answer(200, toBody(value))

async function firstOrReplay(
  tx: Queryable,
  attempt: Attempt,
  make: () => Answer | Promise<Answer>
): Promise<Answer> {
  if (!(await claim(tx, attempt))) {
    const [first] = await tx.query(findFirstCall, [attempt.account, attempt.key])
    return replay(first ?? 'gone', attempt)
  }
  const { status, body } = await make()
  await tx.query(keepAnswer, [attempt.account, attempt.key, status, body])
  return new Answer(status, body, { originalRequest: attempt.requestId })
}

/** The key was first used for another request: with other parameters, or at the endpoint given. */
export const keyReused = (attempt: Attempt, firstEndpoint: string): WireError =>
  firstEndpoint === attempt.endpoint ? otherParameters(attempt) : otherEndpoint(attempt, firstEndpoint)

/** The first call's answer; throws where the key is another request's, or where there is none to be had. */
export function replay(first: Kept | 'gone', attempt: Attempt): Answer {
  // The claim met a key that was removed before it could be read: its retention ended this very moment.
  if (first === 'gone') throw keyInUse(attempt)
  const same = first.endpoint === attempt.endpoint && first.parameters.equals(attempt.parameters)
  if (!same) throw keyReused(attempt, first.endpoint)
  // An outcome, from which somebody else makes the answer: who asks again gets it.
  if (!isWhole(first)) throw keyInUse(attempt)
  return new Answer(first.status, first.body, { originalRequest: first.request_id, replayed: true })
}

const isWhole = (first: Kept | undefined): first is Kept & { status: number; body: string } =>
  typeof first?.status === 'number' && first.body !== null

async function claim(tx: Queryable, attempt: Attempt): Promise<boolean> {
  const { account, key, endpoint, parameters, requestId, version } = attempt
  const created = Math.floor(Date.now() / 1000)
  try {
    const rows = await tx.query(claimKey, [account, key, created, endpoint, parameters, requestId, version])
    return rows.length === 1
  } catch (error) {
    if (sqlState(error) === lockNotAvailable) throw keyInUse(attempt)
    throw error
  }
}

/**
 * The same for an answer that is known beforehand, where one statement does it all: `write` claims the attempt's key
 * with the answer (`claimOf`), and tells what is kept under a key that was used before.
 */
export async function onceKnown(
  db: Database,
  attempt: Attempt | null,
  body: string,
  write: () => Promise<{ first: First }>
): Promise<Answer> {
  const { first } = await orKeyInUse(db, attempt, write)
  if (first && attempt) return replay(first, attempt)
  return new Answer(200, body, { originalRequest: attempt?.requestId })
}

/** The key as payment_vault.claim_keys takes it, with the answer that is known. */
export const claimOf = (attempt: Attempt | null, body?: string): object | undefined =>
  attempt
    ? {
        key: attempt.key,
        endpoint: attempt.endpoint,
        parameters: attempt.parameters.toString('hex'),
        version: attempt.version,
        ...(body !== undefined && { status: 200, body })
      }
    : undefined

/** What is kept under a key that was used before; nothing where it was free; or it was there, and is gone. */
export type First = Kept | 'gone' | undefined

/** What payment_vault.kept_answers gives: one row for each request whose key was used before. */
export type FirstRow = { asked_by: string } & (Kept | { [Column in keyof Kept]: null })

export function firstOf(rows: readonly FirstRow[], requestId: string): First {
  const row = rows.find(({ asked_by }) => asked_by === requestId)
  return row && (row.endpoint === null ? 'gone' : row)
}

/** Runs a statement that waits for the attempt's key and for more: a 429 out of it becomes the key's 409 where due. */
export async function orKeyInUse<T>(
  db: Database,
  attempt: Attempt | null,
  run: () => Promise<T>
): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (attempt && isLockTimeout(error) && !isDatabaseBusy(error)) await refuseKeyInUse(db, attempt)
    throw error
  }
}

/**
 * For whoever gave up waiting in a statement that waits for more than the key: throws the 409 if the key's first call
 * is still running, and otherwise does nothing.
 */
async function refuseKeyInUse(db: Database, attempt: Attempt): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query(waitNoMore)
    if (await claim(tx, attempt)) await tx.query(releaseKey, [attempt.account, attempt.key])
  })
}

/**
 * A keyed hash (16 bytes of SHA-512/256 over key and parameters) of decoded parameters in any order, card numbers and
 * CVCs included: equal parameters give equal hashes, and without the key nothing can be tried out against it. Unlike
 * SHA-256 it can be keyed by a prefix, as what it gives is not all of its state; an HMAC takes four times as long.
 */
export function hashParameters(parameters: unknown, key: Buffer): Buffer {
  return Buffer.from(
    hash('sha512-256', key.toString('hex') + canonical(parameters), 'hex').slice(0, 32),
    'hex'
  )
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const pairs = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`)
  return `{${pairs.join(',')}}`
}

const idempotencyError = (message: string): WireError =>
  new WireError(400, { type: 'idempotency_error', message })

const otherParameters = ({ key }: Attempt): WireError =>
  idempotencyError(
    `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`
  )

const otherEndpoint = ({ key, endpoint }: Attempt, first: string): WireError =>
  idempotencyError(
    `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${first}' vs '${endpoint}'). Try using a key other than '${key}' if you meant to execute a different request.`
  )

/** 409: the first call with the key has not ended yet. */
export const keyInUse = ({ key }: Pick<Attempt, 'key'>): WireError =>
  new WireError(409, {
    type: 'idempotency_error',
    code: 'idempotency_key_in_use',
    message: `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`
  })

const claimKey = statement<{ key: string }>(
  'claim_idempotency_key',
  `insert into payment_vault.idempotency_keys
     (account_id, key, created, endpoint, parameters, request_id, version)
   values ($1, $2, $3, $4, $5, $6, $7)
   on conflict do nothing
   returning key`
)

const findFirstCall = statement<Kept & Record<string, unknown>>(
  'find_first_call',
  `select endpoint, parameters, request_id, status, body from payment_vault.idempotency_keys
   where account_id = $1 and key = $2`
)

const keepAnswer = statement(
  'keep_answer',
  `update payment_vault.idempotency_keys set status = $3, body = $4 where account_id = $1 and key = $2`
)

const waitNoMore = statement('wait_no_more', "select set_config('lock_timeout', '1ms', true)")

const releaseKey = statement(
  'release_idempotency_key',
  'delete from payment_vault.idempotency_keys where account_id = $1 and key = $2'
)
