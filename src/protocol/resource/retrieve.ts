import type { TObject } from '@sinclair/typebox'
import { expanded } from '../expand'
import { ExpandOnly } from '../schemas'
import type { Caller } from './objects'
import type { About, Draft, Given, Own, Sent, Shared } from './operation'

/**
 * Declares the GET of one object by the only parameter of `params`: `retrieve(ChargePath, { … })`. It finds the row,
 * refuses an id that names nothing, and expands.
 */
export function retrieve<Path extends TObject>(
  params: Path,
  about: About
): Draft<Caller, Sent<Path, typeof ExpandOnly>, Own> {
  const [name = ''] = Object.keys(params.properties)
  return {
    method: 'get',
    path: `/:${name}`,
    params,
    input: ExpandOnly,
    answer: 'object',
    about,
    handler: (own: Shared<unknown>) => async (call: Caller, given: Given<Path, typeof ExpandOnly>) => {
      const id = (given as Record<string, unknown>)[name] as string
      const { db } = call.vault
      const row = await own.find(db, call.account, id)
      if (row === undefined) throw await own.noSuch(db, call, id)
      const [object = {}] = await own.toObjects(call, [row])
      return expanded(call, own.kind, given.expand, object)
    }
  }
}
