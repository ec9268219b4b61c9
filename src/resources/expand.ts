import type { Queryable } from '../../plugins/database/statement'
import { invalidRequest, type WireError } from '../../plugins/errors/errors'
import { maskNumbers } from '../../plugins/errors/mask-numbers'
import { allows } from './accounts/permissions'
import type { Call } from './call'
import { findCharges } from './payments/charges/store'
import { chargeToObject } from './payments/charges/object'
import { findCustomers } from './customers/store'
import { customerToObject } from './customers/object'
import { findPaymentIntents } from './intents/payment/store'
import { paymentIntentToObject } from './intents/payment/object'
import { findPaymentMethods } from './payment-methods/store'
import { paymentMethodToObject } from './payment-methods/object'
import { findSetupAttempts } from './intents/attempts/store'
import { setupAttemptToObject } from './intents/attempts/object'
import { findSetupIntents } from './intents/setup/store'
import { setupIntentToObject } from './intents/setup/object'
import type { Expand, ExpandNode } from '../protocol/expand'
import { emptyList } from '../protocol/lists/lists'

type Wire = Record<string, unknown>
type Loaded = 'charge' | 'customer' | 'payment_intent' | 'payment_method' | 'setup_attempt' | 'setup_intent'
type Kind = Loaded | 'refund' | 'token' | 'event' | 'webhook_endpoint'
export type ExpandableKind = Kind

/** A property that holds another object's id; or that is there only when asked for, with what it then is. */
type Expandable = { kind: Loaded } | { value: (wire: Wire) => unknown } | 'always null'

const expandables: Record<Kind, Record<string, Expandable>> = {
  payment_method: { customer: { kind: 'customer' } },
  customer: {
    cash_balance: { value: () => null },
    default_source: 'always null',
    'invoice_settings.default_payment_method': { kind: 'payment_method' },
    sources: { value: (customer) => emptyList(`/v1/customers/${String(customer.id)}/sources`) },
    subscriptions: { value: (customer) => emptyList(`/v1/customers/${String(customer.id)}/subscriptions`) },
    tax: { value: () => ({ automatic_tax: 'unrecognized_location', ip_address: null, location: null }) },
    tax_ids: { value: (customer) => emptyList(`/v1/customers/${String(customer.id)}/tax_ids`) },
    test_clock: 'always null'
  },
  charge: {
    application: 'always null',
    application_fee: 'always null',
    balance_transaction: 'always null',
    customer: { kind: 'customer' },
    dispute: 'always null',
    failure_balance_transaction: 'always null',
    invoice: 'always null',
    on_behalf_of: 'always null',
    payment_intent: { kind: 'payment_intent' },
    review: 'always null',
    source_transfer: 'always null'
  },
  payment_intent: {
    application: 'always null',
    customer: { kind: 'customer' },
    invoice: 'always null',
    latest_charge: { kind: 'charge' },
    on_behalf_of: 'always null',
    payment_method: { kind: 'payment_method' },
    review: 'always null',
    source: 'always null'
  },
  refund: {
    balance_transaction: 'always null',
    charge: { kind: 'charge' },
    payment_intent: { kind: 'payment_intent' },
    source_transfer_reversal: 'always null',
    transfer_reversal: 'always null'
  },
  setup_attempt: {
    application: 'always null',
    customer: { kind: 'customer' },
    on_behalf_of: 'always null',
    payment_method: { kind: 'payment_method' },
    setup_intent: { kind: 'setup_intent' }
  },
  setup_intent: {
    application: 'always null',
    customer: { kind: 'customer' },
    latest_attempt: { kind: 'setup_attempt' },
    mandate: 'always null',
    on_behalf_of: 'always null',
    payment_method: { kind: 'payment_method' },
    single_use_mandate: 'always null'
  },
  token: {},
  event: {},
  webhook_endpoint: {}
}

const loaders: Record<Loaded, (db: Queryable, call: Call, ids: string[]) => Promise<{ id: string }[]>> = {
  charge: async (db, call, ids) =>
    (await findCharges(db, call.account, ids)).map((row) => chargeToObject(call, row)),
  setup_attempt: async (db, call, ids) =>
    (await findSetupAttempts(db, call.account, ids)).map((row) => setupAttemptToObject(call, row)),
  setup_intent: async (db, call, ids) =>
    (await findSetupIntents(db, call.account, ids)).map((row) => setupIntentToObject(call, row)),
  payment_intent: async (db, call, ids) =>
    (await findPaymentIntents(db, call.account, ids)).map((row) => paymentIntentToObject(call, row)),
  customer: async (db, call, ids) =>
    (await findCustomers(db, call.account, ids)).map((row) => customerToObject(call, row)),
  payment_method: async (db, call, ids) =>
    (await findPaymentMethods(db, call.account, ids)).map((row) => paymentMethodToObject(call, row))
}

const mostLevels = 4

/**
 * Reads `expand[]` for an object of this kind, or for a list of them. Throws the wire's error for a path that names
 * nothing which can be expanded: before anything is looked up.
 */
export function expandOf(kind: Kind, paths: readonly string[] = [], list = false): Expand {
  const expand: Expand = []
  for (const path of paths) {
    const levels = path.split('.')
    if (levels.length > mostLevels) {
      throw invalidRequest(
        `You cannot expand more than ${mostLevels} levels of a property. Property: ${path}`
      )
    }
    if (list && levels.shift() !== 'data') throw notExpandable(path, list)
    if (!add(expand, kind, levels)) throw notExpandable(path, false)
  }
  return expand
}

function add(nodes: Expand, kind: Kind, levels: readonly string[]): boolean {
  if (levels.length === 0) return true
  for (const length of [1, 2]) {
    const property = levels.slice(0, length).join('.')
    if (!Object.hasOwn(expandables[kind], property)) continue
    const expandable = expandables[kind][property]
    let node = nodes.find((known) => known.property === property)
    if (!node) nodes.push((node = { property, children: [] }))
    const rest = levels.slice(length)
    if (typeof expandable === 'object' && 'kind' in expandable)
      return add(node.children, expandable.kind, rest)
    return rest.length === 0
  }
  return false
}

function notExpandable(given: string, list: boolean): WireError {
  const path = maskNumbers(given, 8)
  return invalidRequest(
    `This property cannot be expanded (${path}).${list ? ` You may want to try expanding 'data.${path}' instead.` : ''}`
  )
}

/** The kinds of objects that these paths put in the places of ids. A path that names nothing is left to `expandOf`. */
export function expandedKinds(kind: Kind, paths: readonly string[]): Loaded[] {
  const nodes: ExpandNode[] = []
  for (const path of paths) add(nodes, kind, path.replace(/^data\./, '').split('.'))
  return kindsIn(kind, nodes)
}

const kindsIn = (kind: Kind, nodes: readonly ExpandNode[]): Loaded[] =>
  nodes.flatMap(({ property, children }) => {
    const expandable = expandables[kind][property]
    return typeof expandable === 'object' && 'kind' in expandable
      ? [expandable.kind, ...kindsIn(expandable.kind, children)]
      : []
  })

/** Puts the objects in the places of their ids: one query for each kind and level, however many objects there are. */
export async function expandAll(
  call: Call,
  kind: Kind,
  expand: Expand,
  objects: readonly object[],
  db: Queryable = call.vault.db
): Promise<Wire[]> {
  let wires = objects as Wire[]
  for (const { property, children } of expand) {
    const expandable = expandables[kind][property]
    if (typeof expandable !== 'object') continue
    if ('value' in expandable) {
      wires = wires.map((wire) =>
        wire.deleted ? wire : inOrder({ ...wire, [property]: expandable.value(wire) })
      )
      continue
    }
    const [outer, inner] = property.split('.') as [string, string?]
    const holderOf = (wire: Wire) => (inner === undefined ? wire : ((wire[outer] ?? {}) as Wire))
    const name = inner ?? outer
    // Refused before anything was done: whoever gets here with it would be shown what is not for them.
    if (!allows(call.permissions, `${expandable.kind}s`, 'read'))
      throw new Error(`the caller may not read the ${expandable.kind} that is to be expanded`)
    const ids = wires.map((wire) => holderOf(wire)[name]).filter((id) => typeof id === 'string')
    if (ids.length === 0) continue
    const loaded = await loaders[expandable.kind](db, call, [...new Set(ids)])
    const found = await expandAll(call, expandable.kind, children, loaded, db)
    const byId = new Map(found.map((wire) => [wire.id, wire]))
    for (const wire of wires) {
      const holder = holderOf(wire)
      holder[name] = byId.get(holder[name]) ?? holder[name]
    }
  }
  return wires
}

/** The same for one object. */
export async function expanded(
  call: Call,
  kind: Kind,
  expand: Expand,
  object: object,
  db?: Queryable
): Promise<Wire> {
  const [wire] = await expandAll(call, kind, expand, [object], db)
  return wire ?? {}
}

/** `id`, `object`, then ascending: the wire's order, where a key was added to an object. */
function inOrder({ id, object, ...rest }: Wire): Wire {
  return { id, object, ...Object.fromEntries(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1))) }
}
