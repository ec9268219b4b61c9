import type { Database } from '../../../plugins/database/database'
import { failDue, findDue, findDueAccounts, findExistingEndpoints } from '../store'

const pageSize = 100
const maxHints = 4
const failBatch = 1000

/** The accounts in which this process expects due deliveries. */
export class DueAccounts {
  readonly #db: Database
  readonly #only: string | undefined
  readonly #accounts = new Set<string>()
  /** The endpoints with due deliveries, by account. Some may be deleted. */
  readonly #seen = new Map<string, Set<string>>()
  readonly #hinted = new Set<string>()
  readonly #more = new Set<string>()
  #lookWanted = false

  constructor(db: Database, only: string | undefined) {
    this.#db = db
    this.#only = only
  }

  /** Notes a commit in an account, or (undefined) in any account. */
  hint(account: string | undefined): void {
    if (account === undefined) this.#lookWanted = true
    else if (this.#only === undefined || this.#only === account) this.#hinted.add(account)
  }

  /** Applies the hints. Queries the database instead when `look` is true or the hints are too many. */
  async look(look: boolean): Promise<void> {
    const all = look || this.#lookWanted || this.#hinted.size > maxHints
    if (!all) for (const account of this.#hinted) this.#accounts.add(account)
    this.#hinted.clear()
    this.#lookWanted = false
    if (!all) return
    if (this.#only === undefined) await this.#lookAtAll()
    else this.#accounts.add(this.#only)
  }

  add(account: string): void {
    this.#accounts.add(account)
  }

  forget(account: string): void {
    this.#accounts.delete(account)
  }

  all(): string[] {
    return [...this.#accounts]
  }

  /** Notes that an account may have more due deliveries than there were free slots. */
  leave(account: string): void {
    this.#more.add(account)
  }

  /** Notes that a delivery of the account ended: its remaining deliveries can be claimed now. */
  ended(account: string): void {
    if (this.#more.delete(account)) this.#accounts.add(account)
  }

  get any(): boolean {
    return this.#accounts.size > 0
  }

  /** Fails the due deliveries of an account's deleted endpoints. `known` lists existing endpoints. */
  async failForGoneEndpoints(account: string, known: readonly string[], now: number): Promise<void> {
    const seen = this.#seen.get(account) ?? new Set()
    this.#seen.delete(account)
    for (const endpoint of known) seen.delete(endpoint)
    if (seen.size === 0) return
    const there = await findExistingEndpoints(this.#db, account, [...seen], now)
    for (const endpoint of there) seen.delete(endpoint)
    for (const endpoint of seen)
      await failDue(this.#db, account, endpoint, { failure: 'endpoint_gone', now, limit: failBatch })
  }

  async #lookAtAll(): Promise<void> {
    const now = Date.now()
    const due = await findDue(this.#db, now, pageSize)
    this.#seen.clear()
    for (const { account_id: account, endpoint_id: endpoint } of due) {
      this.#accounts.add(account)
      const seen = this.#seen.get(account) ?? new Set()
      this.#seen.set(account, seen.add(endpoint))
    }
    // One endpoint may fill the page and hide the other accounts.
    if (due.length === pageSize)
      for (const account of await findDueAccounts(this.#db, now)) this.#accounts.add(account)
  }
}
