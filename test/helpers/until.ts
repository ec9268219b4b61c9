import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until this holds, however long it takes: a test that waits in vain is ended by its time limit. */
export async function until(holds: () => unknown): Promise<void> {
  while (!(await holds())) await sleep(5)
}
