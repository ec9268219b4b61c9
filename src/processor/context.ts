import { createHash, randomUUID } from 'node:crypto'

/** On whose behalf a processor is called. */
export interface ProcessorContext {
  account: string
  livemode: boolean
  /**
   * A key of the vault's own, one for each question. A retry of the same claim (a request's use of its idempotency key,
   * until the key expires) has the same key. Requests that differ in account, kind of caller, endpoint, parameters or
   * claim never share one. A request without an idempotency key has a random one.
   */
  idempotencyKey: string
}

/** What the processor is asked; an operation asks for all that concerns money and set-ups. */
export type Question =
  | 'authenticated'
  | 'operation'
  | 'redeem'
  | 'sharedPaymentMethod'
  | 'tokenize'
  | 'tokenizeBankAccount'
  | 'verify'

/** Returns what the processor is given beside a question; `about` is what the parameters do not determine. */
export const processorContext = (call: Caller, question: Question, about = ''): ProcessorContext => ({
  account: call.account,
  livemode: call.livemode,
  idempotencyKey: processorKey(call, question, about)
})

/** Returns the key of a question; a random one for a call without a claim. */
export function processorKey(call: Caller, question: Question, about = ''): string {
  const { account, attempt, claim } = call
  if (!attempt || claim === undefined) return createHash('sha256').update(randomUUID()).digest('hex')
  const { endpoint, parameters } = attempt
  const of = [account, callerKind(call), endpoint, parameters.toString('hex'), claim, question, about]
  return createHash('sha256').update(JSON.stringify(of)).digest('hex')
}

/** Returns the kind of caller, whose requests share no processor key with those of another kind. */
export const callerKind = ({ inProcess, publishable }: Pick<Caller, 'inProcess' | 'publishable'>): string =>
  inProcess ? 'in-process' : publishable ? 'publishable' : 'secret'

/** What of a call the key follows from. */
export interface Caller {
  account: string
  livemode: boolean
  publishable: boolean
  inProcess?: boolean | undefined
  claim?: string | undefined
  attempt: { endpoint: string; parameters: Buffer } | null
}
