import type { Database } from '../../../plugins/database/database'
import { firstAccount } from './keys'
import { lockAccounts } from './lock-store'
import { findFirstAccount } from './store'
import { accountIn } from '../../protocol/view'
import { insertReferenceObjects } from './reference-objects'

/**
 * The first account's id. Where there is none it is made, with the reference page's objects in its test mode;
 * of any number of processes that start at once, one makes it.
 */
export async function openFirstAccount(db: Database): Promise<string> {
  const known = await findFirstAccount(db)
  if (known !== undefined) return known
  return db.transaction(async (tx) => {
    await lockAccounts(tx)
    const sooner = await findFirstAccount(tx)
    if (sooner !== undefined) return sooner
    const made = await firstAccount(tx)
    await insertReferenceObjects(tx, accountIn(made, false))
    return made
  })
}
