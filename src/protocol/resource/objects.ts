import type { Permissions } from '../../../plugins/auth/api-keys'
import type { Queryable } from '../../../plugins/database/statement'
import type { View } from '../view'

export type Wire = Record<string, unknown>

/**
 * What `expand` puts in a property: the object of this kind whose id the property holds, null where the property is
 * always null, or what a function makes of the object that the property belongs to.
 */
export type Expandable = string | null | ((object: Wire) => unknown)

/** By property. A property of an inner hash has a dot: `invoice_settings.default_payment_method`. */
export type Expandables = Readonly<Record<string, Expandable>>

/** A kind of object, as other kinds, events and `expand` know it. */
export interface ObjectKind {
  /** `payment_method`: what `object` says on the wire. */
  readonly kind: string
  readonly expands: Expandables
  /** Renders one row. An event keeps the row as JSON, so its type is the definition's word. */
  toObject(view: Viewer, row: object): object
  /** Finds and renders the objects with these ids; undefined for a kind that nothing expands to. */
  readonly load: ((call: Caller, db: Queryable, ids: readonly string[]) => Promise<object[]>) | undefined
}

/** Every kind of object of the vault, by its name. Made once at start from the definitions of the resources. */
export type Objects = ReadonlyMap<string, ObjectKind>

/** For whom an object is rendered that shows objects of other kinds. */
export interface Viewer extends View {
  readonly vault: View['vault'] & { readonly objects: Objects }
}

/** What the shared operations need to know of a call. */
export interface Caller extends Viewer {
  /** What a restricted key may do; undefined: everything. */
  readonly permissions?: Permissions | undefined
  readonly vault: Viewer['vault'] & { readonly db: Queryable }
}

/** Returns the kind of this name. Throws for a name that no definition has. */
export function kindIn(objects: Objects, name: string): ObjectKind {
  const kind = objects.get(name)
  if (!kind) throw new Error(`there is no kind of object called ${name}`)
  return kind
}

/** Returns the kinds by name. Throws, at start, where one expands to a kind that does not exist or cannot be loaded. */
export function objectsOf(kinds: readonly ObjectKind[]): Objects {
  const objects: Objects = new Map(kinds.map((each) => [each.kind, each]))
  for (const { kind, expands } of kinds) {
    for (const [property, target] of Object.entries(expands)) {
      if (typeof target === 'string' && !objects.get(target)?.load) {
        throw new Error(`${property} of ${kind} expands to ${target}, which cannot be loaded`)
      }
    }
  }
  return objects
}
