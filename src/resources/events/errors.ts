import type { Queryable } from '../../../plugins/database/statement'
import type { WireError } from '../../../plugins/errors/errors'
import type { Call } from '../call'
import { noSuch } from '../../protocol/errors/no-such'
import { findEvent } from './read-store'

/** In the path it is a 404 of `id`; as a cursor, named by `param`, a 400. */
export const noSuchEvent = (db: Queryable, call: Call, id: string, param?: string): Promise<WireError> =>
  noSuch(db, call, 'event', findEvent, id, {
    status: param === undefined ? 404 : 400,
    param: param ?? 'id'
  })
