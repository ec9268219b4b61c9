import { createHash } from 'node:crypto'
import type { Call } from '../resources/call'
import type { ProcessorContext } from './card-processor'

/**
 * On whose behalf the processor is called. Its idempotency key follows from the caller's, or from the request where
 * there is none: the same request sent again gives the same key, and it tells nothing of the caller's.
 */
export function processorContext(call: Call): ProcessorContext {
  const { account, livemode, attempt, requestId } = call
  const of = attempt ? `key ${attempt.key}` : `request ${requestId}`
  const idempotencyKey = createHash('sha256').update(`${account} ${of}`).digest('hex')
  return { account, livemode, idempotencyKey }
}
