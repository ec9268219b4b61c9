import type { Database } from '../../../plugins/database/database'
import { failDue, findDue, findDueAccounts, findThere } from '../store'

const firstOnes = 100
const mostHints = 4
const bulk = 1000

/** The accounts where something may be due, as far as this process knows. */
export class DueAccounts {
  readonly #db: Database
  readonly #only: string | undefined
  readonly #accounts = new Set<string>()
  /** The endpoints that deliveries were seen for, by account: some may be gone. */
  readonly #seen = new Map<string, Set<string>>()
  readonly #hinted = new Set<string>()
  readonly #more = new Set<string>()
  #lookWanted = false

  constructor(db: Database, only: string | undefined) {
    this.#db = db
    this.#only = only
  }

  /** Something was committed, there or (undefined) anywhere. */
  hint(account: string | undefined): void {
    if (account === undefined) this.#lookWanted = true
    else if (this.#only === undefined || this.#only === account) this.#hinted.add(account)
  }

  /** Takes in the hints, and looks at the database if it is told to, or when there are too many of them. */
  async look(look: boolean): Promise<void> {
    const all = look || this.#lookWanted || this.#hinted.size > mostHints
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

  /** Something of the account's may have been left because too much is under way. */
  leave(account: string): void {
    this.#more.add(account)
  }

  /** Something of the account's has ended: what was left may go now. */
  ended(account: string): void {
    if (this.#more.delete(account)) this.#accounts.add(account)
  }

  get any(): boolean {
    return this.#accounts.size > 0
  }

  /** Gives up what is due in an account for endpoints that are gone; `known` are those that are not. */
  async giveUpGone(account: string, known: readonly string[], now: number): Promise<void> {
    const seen = this.#seen.get(account) ?? new Set()
    this.#seen.delete(account)
    for (const endpoint of known) seen.delete(endpoint)
    if (seen.size === 0) return
    const there = await findThere(this.#db, account, [...seen], now)
    for (const endpoint of there) seen.delete(endpoint)
    for (const endpoint of seen)
      await failDue(this.#db, account, endpoint, { failure: 'endpoint_gone', now, limit: bulk })
  }

  async #lookAtAll(): Promise<void> {
    const now = Date.now()
    const due = await findDue(this.#db, now, firstOnes)
    this.#seen.clear()
    for (const { account_id: account, endpoint_id: endpoint } of due) {
      this.#accounts.add(account)
      const seen = this.#seen.get(account) ?? new Set()
      this.#seen.set(account, seen.add(endpoint))
    }
    // All of them may be for one endpoint, with others' behind them.
    if (due.length === firstOnes)
      for (const account of await findDueAccounts(this.#db, now)) this.#accounts.add(account)
  }
}
