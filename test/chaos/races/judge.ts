import type { ChaosDatabase } from '../harness/new-database'
import { linearizable } from './linearizable'
import { after, type Operation, unattached } from './payment-method-model'
import type { Histories } from './group'
import type { Tried } from '../harness/part'

interface Row {
  id: string
  state: string
  customer: number | null
  held_by: string | null
  deleted: boolean | null
}

interface EventRow {
  id: string
  type: string
  of: string
  customer: number | null
  previous: number | null
}

/** Holds what was recorded against the database and its events, of which those up to `last` are known. */
export class RaceJudge {
  readonly #database: ChaosDatabase
  readonly #say: (line: string) => void
  #last = ''
  #told = 0
  readonly #counts = {
    races: 0,
    winners: 0,
    orders: 0,
    rows: 0,
    detached: 0,
    again: 0,
    deletes: 0,
    orphans: 0,
    setUps: 0,
    begun: 0,
    calls: 0,
    wrong: 0,
    busy: 0
  }

  constructor(database: ChaosDatabase, say: (line: string) => void) {
    this.#database = database
    this.#say = say
  }

  async judge(histories: Histories): Promise<void> {
    const counts = this.#counts
    const rows = await this.#rows([...histories.keys()])
    const events = await this.#events()
    const now = performance.now()
    for (const [id, history] of histories) {
      const row = rows.get(id)
      const own = events.get(id) ?? []
      const at = row?.state === 'attached' ? String(row.customer) : String(row?.state)
      const last: Operation = {
        start: now,
        end: now,
        call: 'look at the row',
        customer: -1,
        outcome: 'done',
        seen: at
      }
      const faults = {
        winners: hasOneWinner(history) ? 0 : 1,
        orders: linearizable([...history, last], unattached, after) ? 0 : 1,
        rows: agrees(at, own) && (row?.held_by ?? null) === null ? 0 : 1,
        again:
          own.filter(({ type }) => type === 'payment_method.attached').length > 1 || cameBack(history)
            ? 1
            : 0,
        orphans: row?.deleted === true ? 1 : 0,
        wrong: history.filter(({ outcome }) => outcome === 'wrong' || outcome === 'unknown').length
      }
      for (const [name, count] of Object.entries(faults)) counts[name as keyof typeof faults] += count
      if (Object.values(faults).some(Boolean)) this.#tell(id, { faults, row, events: own, history })
      const done = (call: Operation['call']) =>
        history.filter((one) => one.call === call && one.outcome === 'done').length
      counts.races++
      counts.detached += at === 'detached' ? 1 : 0
      counts.deletes += done('delete')
      counts.setUps += done('set up')
      counts.calls += history.length
      counts.busy += history.filter(({ outcome }) => outcome === 'busy').length
    }
    const left = await this.#database.pool.query<{ left: number }>(
      'select count(*)::int as left from payment_vault.operations'
    )
    counts.begun = left.rows[0]?.left ?? 0
  }

  promises(): Tried[] {
    const { races, winners, orders, rows, detached, again, deletes, orphans, setUps, begun, calls, wrong } =
      this.#counts
    return [
      { promise: 'of racing customers exactly one gets the payment method', tries: races, faults: winners },
      { promise: 'all answers fit one order of the calls (linearizable)', tries: races, faults: orders },
      { promise: 'the rows and the events agree with the answers', tries: races, faults: rows },
      { promise: 'a detached one is never attached again', tries: detached, faults: again },
      { promise: 'no deleted customer has a payment method', tries: deletes, faults: orphans },
      { promise: 'no set-up stays open', tries: setUps, faults: begun },
      {
        promise: 'no call in a race gets a 5xx or an unexpected answer',
        tries: calls,
        faults: wrong
      }
    ]
  }

  told(): string {
    const { calls, busy, detached, deletes, setUps } = this.#counts
    return `${calls} calls, ${busy} told to come again, ${setUps} set up, ${detached} detached, ${deletes} deletes`
  }

  #tell(id: string, what: object): void {
    if (this.#told++ < 5) this.#say(`${id} ${JSON.stringify(what)}`)
  }

  async #rows(ids: string[]): Promise<Map<string, Row>> {
    const found = await this.#database.pool.query<Row>(
      `select m.id, m.state, substr(m.customer_id, 9)::int as customer, m.held_by, c.deleted
       from payment_vault.payment_methods m
       left join payment_vault.customers c on c.account_id = m.account_id and c.id = m.customer_id
       where m.account_id = $1 and m.id = any($2)`,
      [this.#database.account, ids]
    )
    return new Map(found.rows.map((row) => [row.id, row]))
  }

  /** Those since the last time, by payment method. */
  async #events(): Promise<Map<string, EventRow[]>> {
    const found = await this.#database.pool.query<EventRow>(
      `select id, type, object->>'id' as of, substr(object->>'customer_id', 9)::int as customer,
         substr(previous_attributes->>'customer', 9)::int as previous
       from payment_vault.events
       where account_id = $1 and id > $2 and type like 'payment\\_method.%' order by id`,
      [this.#database.account, this.#last]
    )
    this.#last = found.rows.at(-1)?.id ?? this.#last
    const events = new Map<string, EventRow[]>()
    for (const row of found.rows) events.set(row.of, [...(events.get(row.of) ?? []), row])
    return events
  }
}

/** Who was told that it is theirs. Nobody at all only where everybody had to come again, or was deleted. */
function hasOneWinner(history: readonly Operation[]): boolean {
  const asked = history.filter(({ call }) => call === 'attach' || call === 'set up')
  const winners = new Set(asked.filter(({ outcome }) => outcome === 'done').map(({ customer }) => customer))
  if (winners.size !== 0) return winners.size === 1
  return asked.every(
    ({ outcome }) => outcome === 'busy' || outcome === 'no customer' || outcome === 'unknown'
  )
}

/** Whether these events are those of a payment method that has come to this state. */
function agrees(at: string, events: readonly EventRow[]): boolean {
  const told = events.map(({ type, customer, previous }) =>
    [type.replace('payment_method.', ''), type.endsWith('detached') ? previous : customer].join(' ')
  )
  const [attached = '', detached = ''] = told.sort()
  if (at === 'unattached') return told.length === 0
  if (at === 'detached') return told.length === 2 && detached === attached.replace('attached', 'detached')
  return told.length === 1 && attached === `attached ${at}`
}

/** Whether it was attached by a call that came after the end of the one that detached it. */
const cameBack = (history: readonly Operation[]): boolean =>
  history.some(
    ({ call, outcome, end }) =>
      call === 'detach' &&
      outcome === 'done' &&
      history.some((later) => later.start > end && later.call === 'attach' && later.outcome === 'done')
  )
