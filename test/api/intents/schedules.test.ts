import fc from 'fast-check'
import t from 'tap'
import { removeKeysBefore } from '../../../plugins/idempotency/expiry'
import { firstAccount } from '../../../src/resources/accounts/keys'
import {
  type Fault,
  faults,
  type FlakyProcessor,
  flakyProcessor,
  type Reserved
} from '../../helpers/cards/flaky-processor'
import { newCustomer } from '../../helpers/cards/payments'
import { strictProcessor } from '../../helpers/cards/strict-processor'
import { type Json, type Reply, startVault, type TestVault, typedCard } from '../../helpers/vault'

t.setTimeout(600_000)

const numbers = ['4242424242424242', '5555555555554444', '378282246310005'] as const

/** One call of a schedule, and what goes wrong with the questions to the processor that it leads to. */
interface Step {
  verb:
    | ('attach elsewhere' | 'cancel' | 'capture' | 'confirm' | 'delete customer' | 'refund')
    | ('confirm nothing' | 'expire keys' | 'new card' | 'roll back')
  /** Under a key of its own, or under one that other questions use as well. */
  key: 'own' | 'shared'
  publishable: boolean
  /** The number of a new card. */
  number: (typeof numbers)[number]
  faults: Fault[]
  /** Sent again under the same key, once it was answered. */
  again: boolean
  /** Sent twice at the same time. */
  twice: boolean
}

interface Schedule {
  kind: 'payment' | 'setup'
  card: 'pm_card_visa' | 'pm_card_chargeCustomerFail'
  customer: boolean
  saved: boolean
  manual: boolean
  confirmAtOnce: boolean
  steps: Step[]
}

const step: fc.Arbitrary<Step> = fc.record({
  verb: fc.constantFrom(
    ...(['confirm', 'confirm', 'confirm', 'cancel', 'capture', 'refund'] as const),
    ...(['attach elsewhere', 'delete customer'] as const),
    ...(['confirm nothing', 'expire keys', 'expire keys', 'new card', 'new card', 'roll back'] as const)
  ),
  key: fc.constantFrom('own', 'shared'),
  publishable: fc.boolean(),
  number: fc.constantFrom(...numbers),
  faults: fc.array(fc.constantFrom(...faults), { maxLength: 2 }),
  again: fc.boolean(),
  twice: fc.boolean()
})
const schedule: fc.Arbitrary<Schedule> = fc.record({
  kind: fc.constantFrom('payment', 'payment', 'payment', 'setup'),
  card: fc.constantFrom('pm_card_visa', 'pm_card_visa', 'pm_card_visa', 'pm_card_chargeCustomerFail'),
  customer: fc.boolean(),
  saved: fc.boolean(),
  manual: fc.boolean(),
  confirmAtOnce: fc.boolean(),
  steps: fc.array(step, { minLength: 1, maxLength: 6 })
})

/** What is known of one run: the intent as it is in the end, and what the processor did with its amount. */
interface Outcome {
  intent: Json
  money: Reserved[]
  owner: unknown
  customer: string | undefined
  customerDeleted: boolean
  attachedElsewhere: boolean
  reusable: boolean
  /** Answers that are none of the wire's: there must be no such. */
  strange: string[]
}

class Runner {
  #amount = 1000
  #key = 0

  constructor(
    readonly vault: TestVault,
    readonly processor: FlakyProcessor,
    readonly account: string
  ) {}

  async run(schedule: Schedule): Promise<Outcome> {
    const { vault, processor } = this
    // Money is told apart by its amount: the processor is told of no intent.
    const amount = ++this.#amount
    const customer = schedule.customer ? await newCustomer(vault) : undefined
    const rival = await newCustomer(vault)
    const made = await vault.get(`/v1/payment_methods/${schedule.card}`)
    const payment_method = String(made.body.id)
    const base = schedule.kind === 'payment' ? '/v1/payment_intents' : '/v1/setup_intents'
    const params = {
      ...(customer !== undefined && { customer }),
      ...{ payment_method, confirm: schedule.confirmAtOnce },
      ...(schedule.kind === 'payment' && { amount, currency: 'usd' }),
      ...(schedule.kind === 'payment' && schedule.manual && { capture_method: 'manual' }),
      ...(schedule.kind === 'payment' && schedule.saved && { setup_future_usage: 'off_session' })
    }
    const strange: string[] = []
    const outcome = { customerDeleted: false, attachedElsewhere: false }

    /** Sends a call under its key until it is answered, as the SDKs do. */
    const send = async (path: string, given: object, how: Sent) => {
      const { faults, again, twice } = how
      processor.faults.push(...faults)
      const headers = { 'idempotency-key': this.keyOf(how) }
      const key = how.publishable ? vault.keys.publishable : vault.keys.test
      const once = () => vault.post(path, given, { headers, key })
      const beside = twice ? once() : undefined
      let reply = await once()
      await beside
      for (let tries = 0; retried(reply) && tries < 6; tries++) reply = await once()
      processor.faults.length = 0
      if (again) {
        const second = await once()
        if (!retried(reply) && !retried(second) && second.text !== reply.text) {
          strange.push(`another answer to the same key: ${reply.text} ${second.text}`)
        }
      }
      if (![200, 400, 402, 404].includes(reply.status) && !retried(reply)) {
        strange.push(`${path} ${reply.status} ${reply.text}`)
      }
      return reply
    }

    const created = await send(base, params, { ...(schedule.steps[0] ?? plain), ...plainCaller })
    const id = String(
      created.body.id ?? ((created.body.error as Json)[`${schedule.kind}_intent`] as Json | undefined)?.id
    )
    const secret = String((await vault.get(`${base}/${id}`)).body.client_secret)
    for (const { verb, publishable, number, ...rest } of schedule.steps) {
      const how = { ...rest, publishable: false }
      const card = {
        type: 'card',
        card: { ...typedCard, number, cvc: number.startsWith('37') ? '1234' : '123' }
      }
      if (verb === 'expire keys') await removeKeysBefore(vault.db, Math.floor(Date.now() / 1000) + 60)
      else if (verb === 'new card') {
        const { status, body, text } = await send('/v1/payment_methods', card, { ...how, publishable })
        const last4 = (body.card as Json | undefined)?.last4 as unknown
        if (status === 200 && last4 !== number.slice(-4)) strange.push(`not the card ${number}: ${text}`)
      } else if (verb === 'confirm nothing') {
        await send(`${base}/${id.slice(0, 5)}None/confirm`, { payment_method_data: card }, how)
      } else if (verb === 'roll back') await this.rollBack(card, how)
      else if (verb === 'attach elsewhere') {
        const reply = await send(`/v1/payment_methods/${payment_method}/attach`, { customer: rival }, how)
        if (reply.status === 200) outcome.attachedElsewhere = true
      } else if (verb === 'delete customer') {
        processor.faults.push(...how.faults)
        if (customer !== undefined) {
          const reply = await vault.del(`/v1/customers/${customer}`)
          if (reply.status === 200) outcome.customerDeleted = true
        }
        processor.faults.length = 0
      } else if (verb === 'refund') {
        if (schedule.kind === 'payment') await send('/v1/refunds', { payment_intent: id, amount: 100 }, how)
      } else if (verb === 'capture') {
        if (schedule.kind === 'payment') await send(`${base}/${id}/capture`, {}, how)
      } else if (verb === 'confirm') {
        const given = { payment_method, ...(publishable && { client_secret: secret }) }
        await send(`${base}/${id}/confirm`, given, { ...how, publishable })
      } else await send(`${base}/${id}/${verb}`, {}, how)
    }

    // Whatever was left open is ended by the next call that comes by.
    await send(`${base}/${id}`, { description: 'the end' }, plain)
    const intent = (await vault.get(`${base}/${id}`)).body
    const owner = (await vault.get(`/v1/payment_methods/${payment_method}`)).body.customer as unknown
    const reused = await vault.post(`/v1/payment_methods/${payment_method}/attach`, { customer: rival })
    return {
      ...{ intent, owner, customer, strange, ...outcome },
      money: [...processor.money.values()].filter((each) => each.amount === amount),
      reusable: reused.status === 200
    }
  }

  keyOf = ({ key }: Pick<Step, 'key'>): string => (key === 'shared' ? 'shared' : `schedule-${++this.#key}`)

  /** Makes a card in a transaction of the host's, which is rolled back. */
  async rollBack(card: object, how: Pick<Step, 'key'>): Promise<void> {
    const { account, vault } = this
    const tx = await vault.db.pool.connect()
    try {
      await tx.query('begin')
      const who = { account, livemode: false, idempotencyKey: this.keyOf(how), tx }
      // It may be refused: the shared key can be another request's.
      await vault.app.paymentVault.paymentMethods.create(card as never, who).catch(() => undefined)
    } finally {
      await tx.query('rollback')
      tx.release()
    }
  }
}

type Sent = Pick<Step, 'faults' | 'again' | 'twice' | 'key' | 'publishable'>
const plainCaller = { key: 'own', publishable: false } as const
const plain: Sent = { faults: [], again: false, twice: false, ...plainCaller }

const retried = ({ status }: Reply): boolean => status === 409 || status === 429 || status === 503

/** What is wrong with an outcome, in words; nothing, where all is right. */
function wrong({ kind, customer: named, saved }: Schedule, outcome: Outcome): string[] {
  const { intent, money, owner, customer, customerDeleted, attachedElsewhere, reusable, strange } = outcome
  const faulty = [...strange]
  const { status } = intent as { status: string }
  const live = money.filter(({ canceled }) => !canceled)
  const sum = (of: (each: Reserved) => number) => live.reduce((total, each) => total + of(each), 0)

  if (live.length > 1) faulty.push(`${live.length} reservations for one intent`)
  if (kind === 'payment') {
    const paid = status === 'succeeded' || status === 'requires_capture'
    if (paid !== (live.length === 1)) faulty.push(`${status}, and ${live.length} reservations`)
    if (sum(({ captured }) => captured) !== intent.amount_received) {
      faulty.push(`${sum(({ captured }) => captured)} taken, ${String(intent.amount_received)} shown`)
    }
    if (live.some(({ captured, refunded }) => refunded > captured)) faulty.push('more given back than taken')
    if (paid && named && saved && !customerDeleted && !attachedElsewhere && owner !== customer) {
      faulty.push(`paid to be saved, and the card is ${String(owner)}'s`)
    }
    if (paid && !named && !saved && reusable && !attachedElsewhere) faulty.push('used up, and attached')
  } else if (status === 'succeeded' && named && !customerDeleted && owner !== customer) {
    faulty.push(`set up, and the card is ${String(owner)}'s`)
  }
  return faulty
}

// A thousand take minutes: so many are run by themselves, with SCHEDULES=1000.
const schedules = Number(process.env.SCHEDULES ?? 120)
const runners = 4

t.test('whatever the processor does, nobody pays twice and no card is lost', async (t) => {
  const seen = new Map<string, number>()
  // Mostly they wait for the processor: a few go side by side, each with a database of its own.
  await Promise.all(
    Array.from({ length: runners }, async () => {
      const processor = flakyProcessor()
      const strict = strictProcessor(processor)
      const vault = await startVault(t, { processor: strict.processor, processorTimeout: 40 })
      const runner = new Runner(vault, processor, await firstAccount(vault.db))
      await fc.assert(
        fc.asyncProperty(schedule, async (schedule) => {
          const outcome = await runner.run(schedule)
          const { status } = outcome.intent as { status: string }
          seen.set(status, (seen.get(status) ?? 0) + 1)
          const mixed = strict.mixed.splice(0).map((questions) => `a key with two questions: ${questions}`)
          const found = [...mixed, ...wrong(schedule, outcome)]
          if (found.length > 0) throw new Error(found.join('; '))
        }),
        { numRuns: Math.ceil(schedules / runners) }
      )
      const { rows } = await vault.db.pool.query('select id from payment_vault.operations')
      t.equal(rows.length, 0, 'nothing is left open')
    })
  )
  t.comment(Object.fromEntries(seen))
  for (const status of ['succeeded', 'requires_capture', 'canceled', 'requires_payment_method']) {
    t.ok(seen.get(status), `some ended as ${status}`)
  }
})
