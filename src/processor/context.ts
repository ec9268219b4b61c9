import { createHash } from 'node:crypto'

/** On whose behalf a processor is called. */
export interface ProcessorContext {
  account: string
  livemode: boolean
  /** A key of the processor's own: the same whenever the same request is tried again, never the caller's. */
  idempotencyKey: string
}

/**
 * On whose behalf the processor is called. Its idempotency key follows from the caller's, or from the request where
 * there is none: the same request sent again gives the same key, and it tells nothing of the caller's.
 */
export function processorContext(call: Caller): ProcessorContext {
  const { account, livemode, attempt, requestId } = call
  const of = attempt ? `key ${attempt.key}` : `request ${requestId}`
  const idempotencyKey = createHash('sha256').update(`${account} ${of}`).digest('hex')
  return { account, livemode, idempotencyKey }
}

/** What of a call the key follows from. */
export interface Caller {
  account: string
  livemode: boolean
  requestId: string
  attempt: { key: string } | null
}
