import { lockNotAvailable, sqlState } from '../database/errors/sql-errors'
import { type Queryable, statement } from '../database/statement'
import { type Attempt, keyInUse, keyReused } from './idempotency'

/** Returns the id of the attempt's claim, a new one where the key has none. Throws as `findClaim` does. */
export async function takeClaim(
  db: Queryable,
  attempt: Attempt,
  caller: string,
  id: string
): Promise<string> {
  if (await insertClaim(db, attempt, caller, id)) return id
  const found = await findClaim(db, attempt, caller)
  // The other call ended between the two statements.
  if (found === undefined) throw keyInUse(attempt)
  return found
}

/**
 * Returns false where the key has a claim of this kind of caller. Throws a 409 where another transaction holds the key
 * for too long.
 */
export async function insertClaim(
  db: Queryable,
  { account, key, endpoint, parameters }: Attempt,
  caller: string,
  id: string
): Promise<boolean> {
  const created = Math.floor(Date.now() / 1000)
  const rows = await db
    .query(insert, [account, key, id, created, caller, endpoint, parameters])
    .catch((error: unknown) => {
      throw sqlState(error) === lockNotAvailable ? keyInUse({ key }) : error
    })
  return rows.length === 1
}

/**
 * Returns the id of the attempt's claim, if its key has one of this kind of caller. Throws `idempotency_error` (400)
 * for a claim of another request.
 */
export async function findClaim(
  db: Queryable,
  attempt: Attempt,
  caller: string
): Promise<string | undefined> {
  const [claim] = await db.query(find, [attempt.account, attempt.key, caller])
  if (!claim) return undefined
  const same = claim.endpoint === attempt.endpoint && claim.parameters.equals(attempt.parameters)
  if (!same) throw keyReused(attempt, claim.endpoint)
  return claim.id
}

/** Ends a claim, unless the operation of that id is still open: a retry must find it. */
export async function dropClaim(
  db: Queryable,
  { account, key }: Attempt,
  id: string,
  operation: string
): Promise<void> {
  await db.query(remove, [account, key, id, operation])
}

const insert = statement<{ id: string }>(
  'insert_claim',
  `insert into payment_vault.claims (account_id, key, id, created, caller, endpoint, parameters)
   values ($1, $2, $3, $4, $5, $6, $7)
   on conflict do nothing
   returning id`
)

const find = statement<{ id: string; endpoint: string; parameters: Buffer }>(
  'find_claim',
  `select id, endpoint, parameters from payment_vault.claims
   where account_id = $1 and key = $2 and caller = $3`
)

const remove = statement(
  'drop_claim',
  `delete from payment_vault.claims where account_id = $1 and key = $2 and id = $3
   and not exists (select from payment_vault.operations where account_id = $1 and id = $4)`
)
