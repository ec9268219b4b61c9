import type { Database } from '../../../plugins/database/database'
import { firstAccount } from '../../../src/resources/accounts/keys'
import { boundRole } from '../../helpers/database/bound-role'
import { ask, comparable, endpointOf, nothingLike, type Place } from './asking'
import { type IsolationMutant, isolationMutants, wallMutants } from './mutants'
import { type Operation, operations } from './operations'
import { startVault } from './vault'
import { type Answer, newWorld, type Send, type World } from './world'
import type { Mutant } from '../harness/mutants'
import { onNewDatabase } from '../harness/new-database'
import { type Found, type Stand, type Tried, withMutants } from '../harness/part'

/**
 * Nobody in: two accounts in two modes; every endpoint of the document is asked for what is another one's, in its path,
 * body, query, cursor, search, client secret, idempotency key and account header.
 */
export async function isolation(stand: Stand): Promise<Found> {
  const all = await operations()
  // Found out once, of the vault as it is.
  const naming: Naming[] = []
  const walk = (mutant?: IsolationMutant, wall?: Wall) =>
    onNewDatabase(stand.cluster, async ({ url, pool, db }) => {
      await mutant?.database?.(pool)
      const role = wall && (await boundRole(pool, url))
      const vault = await startVault(url, mutant, role?.login)
      try {
        // Loosened only now: a vault that finds such a policy does not start.
        await wall?.database?.(pool)
        return await new Walk(stand, all, vault.send, db).run(naming, mutant !== undefined)
      } finally {
        await vault.stop()
        await role?.drop()
      }
    })
  const found = await withMutants(stand, isolationMutants, (mutant) => walk(mutant))
  const behind = await withMutants(stand, wallMutants, async (mutant) => [
    await behindWall((each) => walk(each, mutant ?? {}))
  ])
  return {
    promises: [...found.promises, ...behind.promises],
    mutants: [...found.mutants, ...behind.mutants]
  }
}

/** Row-level security as it is, or broken. */
type Wall = Partial<Mutant>

/** Some of the mutants, with a wall that makes up for what they forget. */
async function behindWall(walk: (mutant: IsolationMutant) => Promise<Tried[]>): Promise<Tried> {
  const promise = 'with row-level security a statement for one account finds no row of another'
  const wall: Tried = { promise, tries: 0, faults: 0 }
  for (const mutant of isolationMutants.filter(({ walled }) => walled)) {
    for (const { tries, faults } of await walk(mutant)) {
      wall.tries += tries
      wall.faults += faults
    }
  }
  return wall
}

/** A parameter that names something: with the kinds of ids for which the answer says whether it is there. */
interface Naming {
  operation: Operation
  place: Place
  kinds: string[]
}

class Walk {
  readonly #leaks: Tried = {
    promise: 'no answer reveals anything of another account or mode',
    tries: 0,
    faults: 0
  }
  readonly #foreign: Tried = {
    promise: 'the id of another account is answered like one that does not exist',
    tries: 0,
    faults: 0
  }
  readonly #covered: Tried = {
    promise: 'every parameter that names an object was tried with existing ones',
    tries: 0,
    faults: 0
  }
  readonly #stand: Stand
  readonly #operations: readonly Operation[]
  readonly #send: Send
  readonly #db: Database

  constructor(stand: Stand, operations: readonly Operation[], send: Send, db: Database) {
    this.#stand = stand
    this.#operations = operations
    this.#send = send
    this.#db = db
  }

  async run(naming: Naming[], mutated: boolean): Promise<Tried[]> {
    const first = await newWorld(this.#db, this.#send, 'a', await firstAccount(this.#db))
    const second = await newWorld(this.#db, this.#send, 'b')
    const [at, al] = first as [World, World]
    const [bt, bl] = second as [World, World]
    const [dt, dl] = (await newWorld(this.#db, this.#send, 'd')) as [World, World]
    await this.#lists(dt, [at, al, dl])
    await this.#lists(dl, [at, al, dt])
    if (!mutated) {
      naming.push(...(await this.#naming(at)))
      this.#covers(naming)
    }
    if (!mutated) {
      // By somebody else: what is tried is also kept, as a name or an email, and found again.
      const [ct] = (await newWorld(this.#db, this.#send, 'c')) as [World, World]
      await this.#everywhere(ct, at)
    }
    for (const [by, owner] of mutated
      ? [[bt, at] as const]
      : ([
          [bt, at],
          [bl, at],
          [al, at],
          [at, al],
          [bl, al]
        ] as const))
      await this.#named(naming, by, owner)
    await this.#keys(bt, at)
    await this.#keys(al, at)
    await this.#accounts(bt, at)
    await this.#secrets(bt, at)
    if (!mutated) await this.#times(bt, at)
    return [this.#leaks, this.#foreign, this.#covered]
  }

  /** Finds out, with what is the caller's own, which parameters name something. */
  async #naming(own: World): Promise<Naming[]> {
    const naming: Naming[] = []
    for (const operation of this.#operations) {
      for (const place of placesOf(operation)) {
        const kinds: string[] = []
        for (const kind of Object.keys(own.ids)) {
          const id = own.ids[kind] ?? ''
          const nothing = nothingLike(id)
          const there = await ask(this.#send, own, operation, { place, id })
          const missing = await ask(this.#send, own, operation, { place, id: nothing })
          // What is kept and repeated names nothing.
          if (operation.method === 'POST' && there.status === 200 && missing.status === 200) continue
          if (comparable(there, id) !== comparable(missing, nothing)) kinds.push(kind)
        }
        naming.push({ operation, place, kinds })
      }
    }
    return naming
  }

  #covers(naming: readonly Naming[]): void {
    for (const { operation, place, kinds } of naming) {
      if (!mustName(operation, place)) continue
      this.#covered.tries++
      if (kinds.length > 0) continue
      this.#covered.faults++
      this.#stand.say(`nothing is found by ${place} at ${endpointOf(operation)}`)
    }
    const told = naming.filter(({ kinds }) => kinds.length > 0)
    this.#stand.say(`${told.length} of ${naming.length} places name something`)
    if (process.env.ISOLATION_TELL)
      for (const { operation, place, kinds } of told)
        this.#stand.say(`${endpointOf(operation)} ${place}: ${kinds.join(' ')}`)
  }

  async #everywhere(by: World, owner: World): Promise<void> {
    const all = Object.keys(owner.ids)
    await this.#named(
      readsFirst(this.#operations).flatMap((operation) =>
        placesOf(operation).map((place) => ({ operation, place, kinds: all }))
      ),
      by,
      owner
    )
  }

  async #named(naming: readonly Naming[], by: World, owner: World): Promise<void> {
    for (const { operation, place, kinds } of naming) {
      for (const kind of kinds) {
        const id = owner.ids[kind] ?? ''
        await this.#same(by, owner, `${kind} in ${place} at ${endpointOf(operation)}`, id, (asked) =>
          ask(this.#send, by, operation, { place, id: asked })
        )
      }
    }
  }

  /** Asks for another's and for nothing, and compares. */
  async #same(
    by: World,
    owner: World,
    what: string,
    id: string,
    asked: (id: string) => Promise<Answer>
  ): Promise<void> {
    const looked = async () => {
      const nothing = nothingLike(id)
      const foreign = await asked(id)
      this.#judge(by, [owner], what, foreign, id)
      return [comparable(foreign, id), comparable(await asked(nothing), nothing)] as const
    }
    this.#foreign.tries++
    let [told, expected] = await looked()
    // The first may have used something up, and what was put in its place is not the same. Of another's that is so
    // only where it got what it should not.
    if (told !== expected && told.slice(0, 3) === expected.slice(0, 3)) [told, expected] = await looked()
    // A place behind which to go on tells nothing by itself: it holds the time and the id of a row.
    if (told === expected || what.startsWith('page in page')) return
    this.#foreign.faults++
    if (this.#foreign.faults <= 5)
      this.#stand.say(`${by.name} asks for ${owner.name}, ${what}: ${told} and not ${expected}`)
  }

  #judge(by: World, others: readonly World[], what: string, { text }: Answer, asked = ''): void {
    this.#leaks.tries++
    for (const owner of others) {
      const said =
        asked === '' ? text : text.replaceAll(asked, '').replaceAll(JSON.stringify(asked).slice(1, -1), '')
      const leaked = Object.values(owner.ids).find(
        (each) => each !== '' && !asked.includes(each) && said.includes(each)
      )
      if (leaked === undefined) continue
      this.#leaks.faults++
      if (this.#leaks.faults <= 5) this.#stand.say(`${by.name} is told ${leaked} of ${owner.name}: ${what}`)
    }
  }

  /** Every list and object of one's own, as wide as it opens. */
  async #lists(by: World, others: readonly World[]): Promise<void> {
    for (const operation of this.#operations.filter(({ method }) => method === 'GET')) {
      const whole = await ask(this.#send, by, operation, {})
      this.#judge(by, others, endpointOf(operation), whole)
      for (const name of expandable.flatMap((each) => [each, `data.${each}`]))
        this.#judge(
          by,
          others,
          endpointOf(operation),
          await ask(this.#send, by, operation, { place: 'expand[0]', id: name })
        )
    }
  }

  /** A key that another one has used is a new one. */
  async #keys(by: World, owner: World): Promise<void> {
    for (const operation of this.#operations.filter(({ method }) => method === 'POST')) {
      const what = `an idempotency key at ${endpointOf(operation)}`
      const used = `key of ${endpointOf(operation)} ${by.name}`.replace(/\W/g, '_')
      await ask(this.#send, owner, operation, { more: { 'idempotency-key': used } })
      // What it uses up is made anew in the same way before each of the next two.
      await ask(this.#send, by, operation, {})
      await this.#same(by, owner, what, used, (key) =>
        ask(this.#send, by, operation, { more: { 'idempotency-key': key } })
      )
    }
  }

  async #accounts(by: World, owner: World): Promise<void> {
    for (const operation of this.#operations) {
      const what = `as the account, ${endpointOf(operation)}`
      await this.#same(by, owner, what, owner.account, (account) =>
        ask(this.#send, by, operation, { more: { 'stripe-account': account } })
      )
    }
  }

  /** With a publishable key and a secret that somebody found. */
  async #secrets(by: World, owner: World): Promise<void> {
    const onlooker = { ...by, secret: by.publishable }
    for (const operation of this.#operations.filter(({ publishable }) => publishable)) {
      for (const name of operation.inPath)
        for (const kind of Object.keys(owner.ids).filter((kind) => /intent$|^token$/.test(kind)))
          await this.#same(
            by,
            owner,
            `${kind} and its secret at ${endpointOf(operation)}`,
            owner.ids[kind] ?? '',
            (id) =>
              ask(this.#send, onlooker, operation, {
                ...{ place: `{${name}}`, id },
                ...(operation.leaves.includes('client_secret') && {
                  secret: owner.ids[`${kind}_secret`] ?? ''
                })
              })
          )
    }
  }

  /** How long both take, one after the other; told and not judged, as a busy machine tells more than a lookup does. */
  async #times(by: World, owner: World): Promise<void> {
    const calls = this.#operations.filter(({ path }) =>
      /\{customer\}$|\{payment_method\}(\/attach)?$|payment_intents\/\{intent\}$/.test(path)
    )
    const times: [number[], number[]] = [[], []]
    for (let i = 0; i < this.#stand.share(500); i++) {
      for (const operation of calls.filter(({ method }) => method === 'GET')) {
        const place = `{${operation.inPath.at(-1) ?? ''}}`
        const name = operation.inPath.at(-1) === 'intent' ? 'payment_intent' : (operation.inPath.at(-1) ?? '')
        const id = owner.ids[name] ?? ''
        // Whichever comes first is slower: each does as often.
        for (const which of i % 2 ? ([0, 1] as const) : ([1, 0] as const)) {
          const asked = which === 0 ? id : nothingLike(id)
          const began = performance.now()
          await ask(this.#send, by, operation, { place, id: asked })
          times[which].push(performance.now() - began)
        }
      }
    }
    const [foreign, missing] = [median(times[0]), median(times[1])]
    this.#stand.say(
      `another's ${foreign.toFixed(3)} ms, what does not exist ${missing.toFixed(3)} ms (median of ${times[0].length}): ${(foreign / missing).toFixed(3)} times`
    )
  }
}

const median = (numbers: number[]): number => numbers.sort((a, b) => a - b)[numbers.length >> 1] ?? NaN

const readsFirst = (operations: readonly Operation[]): Operation[] =>
  [...operations].sort((a, b) => Number(b.method === 'GET') - Number(a.method === 'GET'))

const placesOf = ({ inPath, leaves }: Operation): Place[] => [...inPath.map((name) => `{${name}}`), ...leaves]

const expandable = [
  'customer',
  'payment_method',
  'latest_charge',
  'latest_attempt',
  'payment_intent',
  'charge',
  'setup_intent',
  'object'
]

// What is refused by its name, whatever it is.
// Cards are shared with connected accounts alone; an email to be kept, or a client's secret beside a secret key, names
// nothing.
const refused =
  /^POST \/v1\/(tokens |payment_methods (customer|payment_method)$|\S+ email$|\S*intents\S* client_secret$)/
const names =
  /^(\{\w+\}|customer|payment_method|payment_intent|charge|setup_intent|starting_after|ending_before|client_secret|card\[token\]|query|email|page|invoice_settings\[default_payment_method\])$/

const mustName = (operation: Operation, place: Place): boolean =>
  names.test(place) && !refused.test(`${endpointOf(operation)} ${place}`)
