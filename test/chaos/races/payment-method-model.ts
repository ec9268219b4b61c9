import type { Recorded } from './linearizable'

/** What was asked about one payment method, by whom, and what came of it. */
export interface Operation extends Recorded {
  call: 'attach' | 'detach' | 'delete' | 'set up' | 'look' | 'look at the row'
  /** The customer's number where the call names one. */
  customer: number
  outcome: Outcome
  /** What a look saw: a customer's number; `none`, or of the row itself the state. */
  seen?: string
}

/**
 * `taken` by another customer, `spent`: detached before; `no customer`, `not attached`; `busy`: told to come again;
 * `unknown`: a 5xx, or no answer at all; `wrong`: what no call may be answered.
 */
export type Outcome =
  'done' | 'taken' | 'spent' | 'no customer' | 'not attached' | 'busy' | 'unknown' | 'wrong'

/** A state: where the payment method is, and the customers who are deleted, each between slashes. */
export const unattached = 'unattached/'

/** What a call leaves, or undefined where it could not have come to this outcome. */
export function after(state: string, { call, customer, outcome, seen }: Operation): string | undefined {
  const slash = state.indexOf('/')
  const [at, deleted] = [state.slice(0, slash), state.slice(slash)]
  const gone = deleted.includes(`/${customer}/`)
  const their = at === String(customer)
  if (outcome === 'busy') return state
  switch (call) {
    case 'look':
      return seen === (isCustomer(at) ? at : 'none') ? state : undefined
    case 'look at the row':
      return seen === at ? state : undefined
    case 'delete':
      if (outcome === 'no customer') return gone ? state : undefined
      if (gone) return outcome === 'unknown' ? state : undefined
      return accepts(outcome) ? `${their ? 'detached' : at}${deleted}${customer}/` : undefined
    case 'detach':
      if (outcome === 'not attached') return isCustomer(at) ? undefined : state
      if (!isCustomer(at)) return outcome === 'unknown' ? state : undefined
      return accepts(outcome) ? `detached${deleted}` : undefined
    case 'attach':
    case 'set up': {
      if (outcome === 'no customer') return gone ? state : undefined
      const free = !gone && (at === 'unattached' || their)
      if (free) return accepts(outcome) ? `${customer}${deleted}` : undefined
      if (outcome === 'unknown') return state
      if (gone) return undefined
      return outcome === (at === 'detached' ? 'spent' : 'taken') ? state : undefined
    }
  }
}

const accepts = (outcome: Outcome): boolean => outcome === 'done' || outcome === 'unknown'

const isCustomer = (at: string): boolean => at !== 'unattached' && at !== 'detached'
