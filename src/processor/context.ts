import { createHash, randomUUID } from 'node:crypto'

/** The account and mode that a processor is called for, and the key of the call. */
export interface ProcessorContext {
  account: string
  livemode: boolean
  /**
   * The vault's own key of this call. A retry of the same claim (a request's use of its idempotency key, until the
   * key expires) has the same key. Requests that differ in account, kind of caller, endpoint, parameters or
   * claim never share one. A request without an idempotency key has a random one.
   */
  idempotencyKey: string
}

/** The kind of a call to the processor. `operation` covers all payments and set-ups. */
type Question =
  | 'authenticated'
  | 'operation'
  | 'redeem'
  | 'sharedPaymentMethod'
  | 'tokenize'
  | 'tokenizeBankAccount'
  | 'verify'

/** Returns the context of a call; `about` holds what the request's parameters do not determine. */
export const processorContext = (call: Caller, question: Question, about = ''): ProcessorContext => ({
  account: call.account,
  livemode: call.livemode,
  idempotencyKey: processorKey(call, question, about)
})

/** Returns the key of a call to the processor: SHA-256 in hex; a random one for a request without a claim. */
export function processorKey(call: Caller, question: Question, about = ''): string {
  const { account, attempt, claim } = call
  if (!attempt || claim === undefined) return createHash('sha256').update(randomUUID()).digest('hex')
  const { endpoint, parameters } = attempt
  const of = [account, callerKind(call), endpoint, parameters.toString('hex'), claim, question, about]
  return createHash('sha256').update(JSON.stringify(of)).digest('hex')
}

/** Returns the kind of caller. Requests of different kinds never share a processor key. */
export const callerKind = ({ inProcess, publishable }: Pick<Caller, 'inProcess' | 'publishable'>): string =>
  inProcess ? 'in-process' : publishable ? 'publishable' : 'secret'

/** The part of a request that the context derives from. */
export interface Caller {
  account: string
  livemode: boolean
  publishable: boolean
  inProcess?: boolean | undefined
  claim?: string | undefined
  attempt: { endpoint: string; parameters: Buffer } | null
}
