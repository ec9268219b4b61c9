import type { Queryable } from '../../../plugins/database/statement'
import { resourceMissing, type WireError } from '../../../plugins/errors/errors'
import { accountIn, accountOf, type View } from '../view'
import { type Documented, documents } from './refusal'

/** Looks an id up in an account; only whether there is one counts. */
type Find = (db: Queryable, account: string, id: string) => Promise<unknown>

/** "No such charge: 'ch_…'": what a rule throws, and what an operation documents. */
export interface NoSuch extends Documented {
  /**
   * Makes the error of an id that names nothing in this account and mode: a 404 for an id in the path, a 400 for one in
   * `param`. An id of the same account's other mode gets a hint; one of another account does not. Within a transaction
   * `db` is that transaction: a second connection might never come.
   */
  (db: Queryable, call: Pick<View, 'account' | 'livemode'>, id: string, param?: string): Promise<WireError>
  /** Documents the 400 of an id in this parameter. */
  given: (param: string) => Documented
}

interface Words {
  /** What the message calls it, where the wire has another word than the kind's name: `PaymentMethod`. */
  noun?: string
  /** The `param` of an error about the path; `id` unless given. */
  param?: string
  /** Whether there may have been one that was deleted. */
  deletable?: boolean
}

/** Returns the error for a kind of object: `export const noSuchCharge = noSuch('charge', findCharge)`. */
export function noSuch(
  kind: string,
  find: Find,
  { noun = kind, param: inPath = 'id', deletable = false }: Words = {}
): NoSuch {
  const make = async (...[db, call, id, param]: Parameters<NoSuch>): Promise<WireError> => {
    const [mode, other] = call.livemode ? ['live', 'test'] : ['test', 'live']
    const exists = await find(db, accountIn(accountOf(call.account), !call.livemode), id)
    const hint = exists
      ? `; a similar object exists in ${other} mode, but a ${mode} mode key was used to make this request.`
      : ''
    return resourceMissing(param === undefined ? 404 : 400, noun, id, param ?? inPath, hint)
  }
  const codes = 'resource_missing'
  const why = `there is no such ${kind.replaceAll('_', ' ')}${deletable ? ', or no more' : ''}`
  const given = (param: string) => documents({ status: 400, codes, why: `\`${param}\` is none` })
  return Object.assign(make, documents({ status: 404, codes, why }), { given })
}
