import type { TransactionClient } from '../../plugins/database/host-transaction'

/** Who acts, and how: what an API key and the headers say over HTTP. */
export interface CallOptions {
  /** As `authenticate` gives it, or the account that an API key belongs to. */
  account: string
  livemode: boolean
  /** The version of the answer; without it, the vault's default version. */
  apiVersion?: string | undefined
  /**
   * As the header `Idempotency-Key`, and kept in one place with it: the same call over HTTP answers the same. It means
   * something where HTTP would have a POST, and is passed over elsewhere.
   */
  idempotencyKey?: string | undefined
}

/** … and in whose transaction. */
export interface JoinedCallOptions extends CallOptions {
  /**
   * A client of pg in a transaction of the host's own, in the vault's database. All that the call writes (the change, its
   * event with the deliveries, its key) commits with it or is rolled back with it; listeners hear of it after the
   * commit, webhooks likewise. A call that is refused undoes its own writes only, and the transaction goes on.
   *
   * What the database gives up (40001, 40P01) rejects with the database's own error: the whole transaction is to be done
   * again. The locks that a call takes are held until the transaction ends, and a processor that must be asked about a
   * card is asked while it is open. Await each call before the next command on this client.
   */
  tx?: TransactionClient | undefined
}

/** Throws a TypeError for options that no call can be made with: it is a mistake in the host's code. */
export function checkCallOptions(options: JoinedCallOptions, mayJoin: boolean): void {
  const { account, livemode, tx, ...others } = (options as Partial<JoinedCallOptions> | undefined) ?? {}
  if (typeof account !== 'string' || account === '') throw new TypeError('`account` must say who is acting.')
  if (typeof livemode !== 'boolean') throw new TypeError('`livemode` must be true or false.')
  for (const [name, value] of Object.entries(others)) {
    if (name !== 'apiVersion' && name !== 'idempotencyKey')
      throw new TypeError(`A call has no option '${name}'.`)
    if (value !== undefined && typeof value !== 'string') throw new TypeError(`\`${name}\` must be a string.`)
  }
  if (tx === undefined) return
  if (!mayJoin) {
    throw new TypeError(
      'This call takes no `tx`: what it begins with the processor has to be on record, whatever becomes of the transaction.'
    )
  }
  if (typeof (tx as Partial<TransactionClient> | null)?.query !== 'function') {
    throw new TypeError('`tx` must be a client of pg.')
  }
}
