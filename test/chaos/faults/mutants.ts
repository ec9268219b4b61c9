import type { FaultName } from './between'
import { inFunctions, type Mutant } from '../harness/mutants'

/** Ways to answer wrongly when the database is out of reach, or not to come back, and what it takes to notice. */
export const faultsMutants: (Mutant & { faults: FaultName[] })[] = [
  {
    name: 'an unreachable database is answered 500',
    faults: ['cut'],
    program: {
      file: 'plugins/database/errors/sql-errors.ts',
      from: "    503,\n    { type: 'api_error'",
      to: "    500,\n    { type: 'api_error'"
    }
  },
  {
    name: 'the wait for the database has no limit',
    faults: ['silence'],
    program: {
      file: 'plugins/database/database.ts',
      from: 'this.#timeoutMs = options.timeoutMs ?? defaultTimeoutMs',
      to: 'this.#timeoutMs = 0'
    }
  },
  {
    name: 'the database keeps the locks of a silent server',
    faults: ['silence'],
    program: {
      file: 'plugins/database/transaction.ts',
      from: '    `set local idle_in_transaction_session_timeout = ${idleTimeoutMs}`,\n',
      to: ''
    }
  },
  {
    name: 'a write that a standby refuses is not answered with a request to retry',
    faults: ['failover'],
    program: { file: 'plugins/database/errors/sql-errors.ts', from: '|25006|', to: '|' }
  },
  {
    name: 'the change of a lost connection is repeated',
    faults: ['cut', 'cut'],
    database: inFunctions(['create_customers'], /c\.key is null or c\.request = any \(v_claimed\)/g, 'true')
  }
]
