import type { FastifyInstance } from 'fastify'
import type { Database } from '../../../plugins/database/database'
import { sweepRegularly } from '../../../plugins/database/sweep'
import { noteLastUse } from './store'

const day = 24 * 3600 * 1000

/** Milliseconds between two writes of what was used since, more or less. */
const every = 60_000

/**
 * Notes on which day each key was last used: in memory when a key is looked up, which a busy one is every few seconds,
 * and in the database now and then, for all keys together and once a day for each. No call waits for it.
 */
export function noteLastUses(scope: FastifyInstance, db: Database): LastUses {
  const used = new Set<string>()
  const write = async (): Promise<void> => {
    if (used.size === 0) return
    const ids = [...used]
    used.clear()
    await noteLastUse(db, ids, today())
  }
  const failed = 'the last use of API keys was not noted'
  sweepRegularly(scope, { intervalMs: every, failureMessage: failed, sweep: write })
  scope.addHook('onClose', () =>
    write().catch((error: unknown) => {
      // A host may have ended its pool first.
      scope.log.debug({ err: error }, failed)
    })
  )
  return ({ id, last_used }) => {
    if (last_used === null || last_used < today()) used.add(id)
  }
}

/** Tells that a key was just looked up and let in. */
export type LastUses = (key: { id: string; last_used: Date | null }) => void

const today = (): Date => new Date(Math.floor(Date.now() / day) * day)
