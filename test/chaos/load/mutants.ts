import type { Mutant } from '../harness/mutants'

export interface LoadMutant extends Mutant {
  /** Whether it takes a database that is held up to notice it. */
  held: boolean
}

/** Ways to let load through to where it does harm. */
export const loadMutants: LoadMutant[] = [
  {
    name: 'a call that waited too long is answered 500',
    held: true,
    program: {
      file: 'plugins/database/errors/lock-timeout.ts',
      from: 'const error = lockTimeout()',
      to: "const error = new Error('busy') as WireError"
    }
  },
  {
    name: 'the number of waiting calls has no limit',
    held: true,
    program: {
      file: 'plugins/database/semaphore.ts',
      from: 'if (this.#waiting.length >= maxWaiting)',
      to: 'if (maxWaiting < 0)'
    }
  },
  {
    name: 'one call in a hundred blocks the event loop for 60 ms',
    held: false,
    program: {
      file: 'src/resources/payment-methods/read.ts',
      from: 'const row = await found(call, id)',
      to: `for (const end = performance.now() + (Math.random() < 0.01 ? 60 : 0); performance.now() < end;);
  const row = await found(call, id)`
    }
  },
  {
    name: 'every answer is kept in memory',
    held: false,
    program: {
      file: 'plugins/json/json.ts',
      from: 'export const toBody = (value: unknown): string => JSON.stringify(value, null, 2)',
      to: `const all: unknown[] = []
           export const toBody = (value: unknown): string => {
             all.push(Array.from({ length: 2000 }, (_, i) => i + 0.5))
             return JSON.stringify(value, null, 2)
           }`
    }
  },
  {
    name: 'connections are cut when the server is stopped',
    held: false,
    program: {
      file: 'src/server/http/drain.ts',
      from: 'await app.close()',
      to: `app.server.closeAllConnections()
    await app.close()`
    }
  }
]
