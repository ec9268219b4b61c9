import type { Queryable } from '../../../../plugins/database/statement'
import type { WireError } from '../../../../plugins/errors/errors'
import type { Call } from '../../call'
import { noSuch } from '../../../protocol/errors/no-such'
import { findCharge } from './store'

/** In the path it is a 404 of `id`; in a parameter, named by `param`, a 400. */
export const noSuchCharge = (db: Queryable, call: Call, id: string, param?: string): Promise<WireError> =>
  noSuch(db, call, 'charge', findCharge, id, {
    status: param === undefined ? 404 : 400,
    param: param ?? 'id'
  })
