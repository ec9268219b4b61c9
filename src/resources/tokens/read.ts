import type { Call } from '../call'
import { noSuchToken } from './errors'
import { findToken } from './store'
import { tokenToObject } from './object'

/** One token, whether it was spent or not. */
export async function retrieveToken(call: Call, id: string) {
  const row = await findToken(call.vault.db, call.account, id)
  if (!row) throw await noSuchToken(call.vault.db, call, id)
  return tokenToObject(call, row)
}
