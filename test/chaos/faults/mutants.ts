import type { FaultName } from './between'
import { inFunctions, type Mutant } from '../harness/mutants'

/** Ways to answer wrongly when the database is out of reach, or not to come back, and what it takes to notice. */
export const faultsMutants: (Mutant & { faults: FaultName[] })[] = [
  {
    name: 'a database that is out of reach is an error of ours',
    faults: ['cut'],
    program: {
      file: 'plugins/database/database.ts',
      from: "    503,\n    { type: 'api_error'",
      to: "    500,\n    { type: 'api_error'"
    }
  },
  {
    name: 'the database is waited for as long as it takes',
    faults: ['silence'],
    program: {
      file: 'plugins/database/database.ts',
      from: 'this.#timeout = options.timeout ?? usualTimeout',
      to: 'this.#timeout = 0'
    }
  },
  {
    name: 'the database keeps the locks of a server that it does not hear from any more',
    faults: ['silence'],
    program: {
      file: 'plugins/database/database.ts',
      from: '    `set local idle_in_transaction_session_timeout = ${silence}`,\n',
      to: ''
    }
  },
  {
    name: 'nobody is told to try again where a standby may not write yet',
    faults: ['failover'],
    program: { file: 'plugins/database/database.ts', from: '|25006|', to: '|' }
  },
  {
    name: 'what a lost connection had done is done again',
    faults: ['cut', 'cut'],
    database: inFunctions(['create_customers'], /c\.key is null or c\.request = any \(v_claimed\)/g, 'true')
  }
]
