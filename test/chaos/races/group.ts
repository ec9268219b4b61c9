import { setTimeout as sleep } from 'node:timers/promises'
import type { Asked, Caller, Heard } from '../harness/caller'
import type { Operation, Outcome } from './payment-method-model'

/** Payment methods, by their ids, that the same customers, by their numbers, race for. */
export interface Group {
  paymentMethods: readonly string[]
  customers: readonly number[]
}

/** What was asked about each payment method of a group. */
export type Histories = Map<string, Operation[]>

export const customerId = (number: number): string => `cus_race${String(number).padStart(8, '0')}`

let keys = 0

/** Has the customers race in two servers, with all that may come in between, and a straggler after it. */
export async function raceGroup(callers: readonly Caller[], group: Group): Promise<Histories> {
  const { paymentMethods, customers } = group
  const histories: Histories = new Map(paymentMethods.map((id) => [id, []]))
  const tell = (ids: readonly string[], operation: Operation): void => {
    for (const id of ids) histories.get(id)?.push(operation)
  }
  const any = (): Caller => pick(callers)
  const races = paymentMethods.map(async (id) => {
    const path = `/v1/payment_methods/${id}`
    const attach = async (customer: number, after = 0): Promise<void> => {
      await later(after)
      // With a key and without, on the rule's short way and on its long one.
      const body = `customer=${customerId(customer)}${chance(0.1) ? '&expand[]=customer' : ''}`
      const key = chance(0.5) ? `race ${++keys}` : undefined
      tell([id], await timed(any(), { call: 'attach', customer }, { path: `${path}/attach`, body, key }))
    }
    const detach = async (after: number): Promise<void> => {
      await later(after)
      const body = chance(0.1) ? 'expand[]=customer' : ''
      tell([id], await timed(any(), { call: 'detach', customer: -1 }, { path: `${path}/detach`, body }))
    }
    const look = async (after: number): Promise<void> => {
      await later(after)
      tell([id], await timed(any(), { call: 'look', customer: -1 }, { method: 'GET', path }))
    }
    const intent = chance(0.15) ? await newIntent(any(), pick(customers)) : undefined
    const setUp = async (): Promise<void> => {
      if (!intent) return
      const { customer, path } = intent
      tell([id], await timed(any(), { call: 'set up', customer }, { path, body: `payment_method=${id}` }))
    }
    // What takes longer sets out first, or it would hardly ever win.
    const spread = intent ? 12 : chance(0.5) ? 0 : 4
    const detaches = chance(0.15) ? 2 : chance(0.5) ? 1 : 0
    await Promise.all([
      setUp(),
      ...customers.map((customer) => attach(customer, spread)),
      ...Array.from({ length: detaches }, () => detach(8 + spread)),
      ...(chance(0.35) ? [look(8)] : [])
    ])
    if (detaches > 0) await attach(pick(customers))
  })
  const doomed = chance(0.4) ? pick(customers) : undefined
  const remove = async (customer: number): Promise<void> => {
    await later(8)
    const path = `/v1/customers/${customerId(customer)}`
    tell(paymentMethods, await timed(any(), { call: 'delete', customer }, { method: 'DELETE', path }))
  }
  await Promise.all([...races, ...(doomed === undefined ? [] : [remove(doomed)])])
  return histories
}

async function newIntent(
  caller: Caller,
  customer: number
): Promise<{ customer: number; path: string } | undefined> {
  const { status, text } = await caller.send({
    path: '/v1/setup_intents',
    body: `customer=${customerId(customer)}`
  })
  // Deleted already, for another payment method of the group.
  if (status !== 200) return undefined
  return { customer, path: `/v1/setup_intents/${(JSON.parse(text) as { id: string }).id}/confirm` }
}

/** Sends it, and notes when that was and what came of it. */
async function timed(
  caller: Caller,
  asked: Pick<Operation, 'call' | 'customer'>,
  request: Asked
): Promise<Operation> {
  const start = performance.now()
  const heard = await caller.send(request).catch(() => undefined)
  const outcome = heard ? outcomeOf(asked, heard) : 'unknown'
  const end = outcome === 'unknown' ? Infinity : performance.now()
  const seen = asked.call === 'look' && heard ? seenBy(heard) : undefined
  return { ...asked, start, end, outcome, ...(seen !== undefined && { seen }) }
}

interface Body {
  customer?: string | null
  status?: string
  error?: { message?: string; param?: string }
}

function outcomeOf({ call, customer }: Pick<Operation, 'call' | 'customer'>, heard: Heard): Outcome {
  const { status, text } = heard
  if (status === 409 || status === 429) return 'busy'
  if (status >= 500) return 'unknown'
  const { error, ...body } = JSON.parse(text) as Body
  if (status === 200) {
    if (call === 'set up' && body.status !== 'succeeded') return 'wrong'
    const named = call === 'attach' && !text.includes(`"${customerId(customer)}"`)
    return named ? 'wrong' : 'done'
  }
  const { message = '' } = error ?? {}
  return refusals.find(([words]) => message.includes(words))?.[1] ?? 'wrong'
}

const refusals: readonly [words: string, outcome: Outcome][] = [
  ['No such customer', 'no customer'],
  ['not attached to a customer', 'not attached'],
  ['has already been attached', 'taken'],
  ['attached to a Customer. Please', 'taken'],
  ['does not belong to the Customer', 'taken'],
  ['was previously used', 'spent']
]

const seenBy = ({ text }: Heard): string => {
  const { customer } = JSON.parse(text) as Body
  return typeof customer === 'string' ? String(Number(customer.slice('cus_race'.length))) : 'none'
}

const chance = (of: number): boolean => Math.random() < of

const pick = <T>(from: readonly T[]): T => {
  const one = from[Math.floor(Math.random() * from.length)]
  if (one === undefined) throw new Error('there is nothing to pick from')
  return one
}

const later = async (most: number): Promise<void> => {
  if (most > 0) await sleep(Math.random() * most)
}
