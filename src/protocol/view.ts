/** For whom an object is rendered. Its shape depends on this and on its row alone. */
export interface View {
  /** The account in its mode, as every row has it: `acct_…:test`. */
  readonly account: string
  readonly livemode: boolean
  /** Whether the caller has a publishable key, which sees less of an object. */
  readonly publishable: boolean
  /** The API version of the answer. */
  readonly version: string
  /** Keys the secrets that are derived and never stored. */
  readonly vault: { readonly secretsKey: Buffer }
}

/** Returns the account in one mode: the first column of every row. */
export const accountIn = (account: string, livemode: boolean): string =>
  `${account}:${livemode ? 'live' : 'test'}`

/** Returns whether `account`, made by `accountIn`, is in live mode. */
export const isLive = (account: string): boolean => account.endsWith(':live')

/** Returns the account without its mode, from what `accountIn` made. */
export const accountOf = (account: string): string => account.slice(0, account.lastIndexOf(':'))
