import type { Queryable } from '../../plugins/database/statement'
import { maskNumbers } from '../../plugins/errors/mask-numbers'
import { because, refusal } from './errors/refusal'
import { allows } from './permissions'
import { type Caller, kindIn, type Objects, type Wire } from './resource/objects'

/** What to put in an id's place, and what to put into that in turn. */
export interface ExpandNode {
  property: string
  children: ExpandNode[]
}
export type Expand = ExpandNode[]

const mostLevels = 4

const tooDeep = refusal({
  message: (path: string) =>
    `You cannot expand more than ${mostLevels} levels of a property. Property: ${path}`
})

const notExpandable = refusal({
  message: (given: string, list: boolean) => {
    const path = maskNumbers(given, 8)
    const hint = list ? ` You may want to try expanding 'data.${path}' instead.` : ''
    return `This property cannot be expanded (${path}).${hint}`
  }
})

/** What every operation with an `expand` parameter can be refused with. */
export const badExpand = because('`expand` names what can not be expanded', tooDeep, notExpandable)

/**
 * Reads `expand[]` for an object of this kind, or for a list of them. Throws the wire's error for a path that names
 * nothing which can be expanded, before anything is looked up. `ofList` are properties of the list itself.
 */
export function expandOf(
  objects: Objects,
  kind: string,
  paths: readonly string[] = [],
  list = false,
  ofList: readonly string[] = []
): Expand {
  const expand: Expand = []
  for (const path of paths) {
    if (ofList.includes(path)) {
      expand.push({ property: path, children: [] })
      continue
    }
    const levels = path.split('.')
    if (levels.length > mostLevels) throw tooDeep(path)
    if (list && levels.shift() !== 'data') throw notExpandable(path, list)
    if (!add(objects, expand, kind, levels)) throw notExpandable(path, false)
  }
  return expand
}

function add(objects: Objects, nodes: Expand, kind: string, levels: readonly string[]): boolean {
  if (levels.length === 0) return true
  const { expands } = kindIn(objects, kind)
  for (const length of [1, 2]) {
    const property = levels.slice(0, length).join('.')
    if (!Object.hasOwn(expands, property)) continue
    let node = nodes.find((known) => known.property === property)
    if (!node) nodes.push((node = { property, children: [] }))
    const target = expands[property]
    const rest = levels.slice(length)
    return typeof target === 'string' ? add(objects, node.children, target, rest) : rest.length === 0
  }
  return false
}

/** Returns the kinds of objects that these paths load. A path that names nothing is left to `expandOf`. */
export function expandedKinds(objects: Objects, kind: string, paths: readonly string[]): string[] {
  const nodes: ExpandNode[] = []
  for (const path of paths) add(objects, nodes, kind, path.replace(/^data\./, '').split('.'))
  return kindsAmong(objects, kind, nodes)
}

const kindsAmong = (objects: Objects, kind: string, nodes: readonly ExpandNode[]): string[] =>
  nodes.flatMap(({ property, children }) => {
    const target = kindIn(objects, kind).expands[property]
    return typeof target === 'string' ? [target, ...kindsAmong(objects, target, children)] : []
  })

/** Puts the objects in the places of their ids: one query for each kind and level, however many objects there are. */
export async function expandAll(
  call: Caller,
  kind: string,
  expand: Expand,
  objects: readonly object[],
  db: Queryable = call.vault.db
): Promise<Wire[]> {
  let wires = objects as Wire[]
  for (const { property, children } of expand) {
    const target = kindIn(call.vault.objects, kind).expands[property]
    if (target === undefined || target === null) continue
    if (typeof target === 'function') {
      wires = wires.map((wire) => (wire.deleted ? wire : inOrder({ ...wire, [property]: target(wire) })))
      continue
    }
    const [outer, inner] = property.split('.') as [string, string?]
    const holderOf = (wire: Wire) => (inner === undefined ? wire : ((wire[outer] ?? {}) as Wire))
    const name = inner ?? outer
    // The call was refused before anything was done: the caller would be shown what they may not read.
    if (!allows(call.permissions, `${target}s`, 'read'))
      throw new Error(`the caller may not read the ${target} that is to be expanded`)
    const ids = wires.map((wire) => holderOf(wire)[name]).filter((id) => typeof id === 'string')
    if (ids.length === 0) continue
    const loaded = (await kindIn(call.vault.objects, target).load?.(call, db, [...new Set(ids)])) ?? []
    const found = await expandAll(call, target, children, loaded, db)
    const byId = new Map(found.map((wire) => [wire.id, wire]))
    for (const wire of wires) {
      const holder = holderOf(wire)
      holder[name] = byId.get(holder[name]) ?? holder[name]
    }
  }
  return wires
}

/** Expands one object as `expandAll` does. */
export async function expanded(
  call: Caller,
  kind: string,
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
