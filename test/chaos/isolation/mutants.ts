import pg from 'pg'
import { inFunctions, type Mutant } from '../harness/mutants'

export interface IsolationMutant extends Mutant {
  /** What becomes of each statement before it is sent. */
  text?: (text: string) => string
  /** It is tried once more behind row-level security, where it must do no harm. */
  walled?: true
}

/** Takes the account out of what finds rows in a table, wherever `of` stands in the statement. */
const anyAccount =
  (of: RegExp) =>
  (text: string): string =>
    of.test(text) ? text.replaceAll(/\b(?:\w\.)?account_id = \$1\b/g, '$1::text is not null') : text

/** Ways to let somebody see what is another one's. */
export const isolationMutants: IsolationMutant[] = [
  {
    name: 'a customer is found in any account',
    walled: true,
    text: anyAccount(/^select [^]* from payment_vault\.customers where account_id = \$1 and id = \$2$/)
  },
  {
    name: 'a payment method is found in any account',
    text: anyAccount(/^select [^]* from payment_vault\.payment_methods where account_id = \$1 and id = \$2$/)
  },
  {
    name: 'an event is found in any account',
    text: anyAccount(/from payment_vault\.events where account_id = \$1 and id = \$2/)
  },
  { name: 'a token is found in any account', text: anyAccount(/from payment_vault\.tokens/) },
  {
    name: 'lists of charges show all accounts',
    walled: true,
    text: anyAccount(/from payment_vault\.charges[^]*order by created desc/)
  },
  { name: 'search finds customers of all accounts', text: anyAccount(/with few as materialized/) },
  {
    name: 'intents are locked in any account',
    text: anyAccount(/from payment_vault\.payment_intents[^]*for (?:no key )?update/)
  },
  {
    name: 'attach takes a payment method of any account',
    walled: true,
    database: inFunctions(['attach', 'attach_together'], /m\.account_id = p_account and /, '')
  },
  {
    name: 'attach finds a customer of any account',
    database: inFunctions(['attach', 'attach_together'], /c\.account_id = p_account and /, '')
  },
  {
    name: 'any key may act as any account',
    text: (text) => text.replace('where id = $1 and parent_id = $2', 'where id = $1 and $2::text is not null')
  },
  {
    name: 'all accounts share idempotency keys',
    database: async (pool) => {
      await pool.query('alter table payment_vault.idempotency_keys drop constraint idempotency_keys_pkey')
      await pool.query('create unique index on payment_vault.idempotency_keys (key)')
    }
  }
]

/** Ways to let somebody through row-level security. */
export const wallMutants: Mutant[] = [
  {
    name: 'a policy lets all rows through',
    database: async (pool) => {
      await pool.query('alter policy of_the_account on payment_vault.customers using (true)')
    }
  }
]

/** A client of pg whose statements are changed on their way. */
export const mutated = (change: (text: string) => string): typeof pg.Client =>
  class extends pg.Client {
    override query(...given: never[]): never {
      const [first, ...rest] = given as unknown[]
      const config = first as { text?: string }
      const sent =
        typeof first === 'string'
          ? change(first)
          : typeof config.text !== 'string'
            ? first
            : 'submit' in config
              ? Object.assign(config, { text: change(config.text) })
              : { ...config, text: change(config.text) }
      const send = super.query.bind(this) as (...given: unknown[]) => unknown
      return send(sent, ...rest) as never
    }
  }
