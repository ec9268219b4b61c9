import type { TransactionClient } from '../../plugins/database/host-transaction'

/** The caller and the options of a call: what an API key and headers carry over HTTP. */
export interface CallOptions {
  /** The acting account: the one that `authenticate` returns, or the owner of an API key. */
  account: string
  livemode: boolean
  /** The API version of the answer; the vault's default version if unset. */
  apiVersion?: string | undefined
  /**
   * The idempotency key. It shares its storage with the `Idempotency-Key` header: the same call over HTTP gets the same
   * answer. Calls that are not a POST over HTTP ignore it.
   */
  idempotencyKey?: string | undefined
}

/** The options of a call that can join a transaction of the host. */
export interface JoinedCallOptions extends CallOptions {
  /**
   * A `pg` client with an open transaction in the vault's database. The call's writes (the change, its event with the
   * deliveries, its key) commit or roll back with that transaction. Listeners and webhooks run after the commit. A
   * refused call undoes only its own writes, and the transaction stays usable.
   *
   * A serialization failure or deadlock (40001, 40P01) rejects with the database's own error: repeat the whole
   * transaction. The call holds its locks until the transaction ends. A processor that must verify a card does so while
   * the transaction is open. Await each call before the next command on this client.
   */
  tx?: TransactionClient | undefined
}

/** Throws a TypeError for invalid options, which are a mistake in the host's code. */
export function checkCallOptions(options: JoinedCallOptions, mayJoin: boolean): void {
  const { account, livemode, tx, ...others } = (options as Partial<JoinedCallOptions> | undefined) ?? {}
  if (typeof account !== 'string' || account === '')
    throw new TypeError('`account` must be the id of the acting account.')
  if (typeof livemode !== 'boolean') throw new TypeError('`livemode` must be true or false.')
  for (const [name, value] of Object.entries(others)) {
    if (name !== 'apiVersion' && name !== 'idempotencyKey')
      throw new TypeError(`A call has no option '${name}'.`)
    if (value !== undefined && typeof value !== 'string') throw new TypeError(`\`${name}\` must be a string.`)
  }
  if (tx === undefined) return
  if (!mayJoin) {
    throw new TypeError(
      'This call takes no `tx`: a rollback would remove the record of its processor request.'
    )
  }
  if (typeof (tx as Partial<TransactionClient> | null)?.query !== 'function') {
    throw new TypeError('`tx` must be a pg client.')
  }
}
