import type { Queryable } from '../../../plugins/database/statement'
import { resourceMissing, type WireError } from '../../../plugins/errors/errors'
import { accountIn, accountOf, type View } from '../view'

/** Looks an id up in an account; only whether there is one counts. */
type Find = (db: Queryable, account: string, id: string) => Promise<unknown>

/**
 * "No such …", for an id that names nothing in this account and mode. An id of the same account's other mode is told
 * from one that is nowhere, by a hint; one of another account is not. Within a transaction `db` is that transaction: a
 * second connection might never come.
 */
export async function noSuch(
  db: Queryable,
  call: Pick<View, 'account' | 'livemode'>,
  noun:
    | 'customer'
    | 'charge'
    | 'payment_intent'
    | 'refund'
    | 'setup_attempt'
    | 'setupintent'
    | 'token'
    | 'PaymentMethod'
    | 'event'
    | 'webhook endpoint',
  find: Find,
  id: string,
  where: { status: 400 | 404; param: string }
): Promise<WireError> {
  const [mode, other] = call.livemode ? ['live', 'test'] : ['test', 'live']
  const account = accountIn(accountOf(call.account), !call.livemode)
  const exists = await find(db, account, id)
  const hint = exists
    ? `; a similar object exists in ${other} mode, but a ${mode} mode key was used to make this request.`
    : ''
  return resourceMissing(where.status, noun, id, where.param, hint)
}
