import { type AccountRow, findAccount, insertAccount, listAccounts } from '../../resources/accounts/store'
import { openFirstAccount } from '../../resources/accounts/first-account'
import type { Settings } from '../../server/settings'
import { StartError } from '../../storage/start-error'
import { newId } from '../../protocol/values/ids'
import { table } from '../table'
import { withTables } from '../with-database'

type Say = (line: string) => void

/** Makes an account and gives back its id: a connected one of `parent`'s, or one of its own. Throws StartError. */
export const createAccountCommand = (
  settings: Settings,
  say: Say,
  parent: string | undefined
): Promise<string> =>
  withTables(settings, say, async ({ db }) => {
    // The first account is the server's own, also where this command comes before its first start.
    await openFirstAccount(db)
    if (parent !== undefined && (await findAccount(db, parent)) === undefined)
      throw new StartError(`There is no account ${parent}: accounts list shows those there are.`)
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
