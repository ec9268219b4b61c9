import { type AccountRow, findAccount, insertAccount, listAccounts } from '../../resources/accounts/store'
import { openFirstAccount } from '../../resources/accounts/first-account'
import type { Settings } from '../../server/settings'
import { StartError } from '../../storage/start-error'
import { newId } from '../../protocol/values/ids'
import { table } from '../table'
import { type Say, withTables } from '../with-database'

/** Creates an account, connected to `parent` if given. Returns its id. Throws StartError. */
export const createAccountCommand = (
  settings: Settings,
  say: Say,
  parent: string | undefined
): Promise<string> =>
  withTables(settings, say, async ({ db }) => {
    // The first account belongs to the server, even if this command runs before the server's first start.
    await openFirstAccount(db)
    if (parent !== undefined && (await findAccount(db, parent)) === undefined)
      throw new StartError(`There is no account ${parent}: accounts list shows all accounts.`)
    const id = newId('acct')
    await insertAccount(db, id, parent)
    return id
  })

export const listAccountsCommand = (settings: Settings, say: Say): Promise<string> =>
  withTables(settings, say, async ({ db }) =>
    table([['id', 'parent', 'created'], ...(await listAccounts(db)).map(cells)])
  )

const cells = ({ id, parent_id, created }: AccountRow): string[] => [
  id,
  parent_id ?? '-',
  created.toISOString()
]
