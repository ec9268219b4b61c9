import { type Static, type TOptional, type TProperties, type TSchema, Type } from '@sinclair/typebox'

const sinceDay = Symbol('since')
const untilDay = Symbol('until')

/** The schema of a key that answers of some API versions carry. */
export type Versioned<T extends TSchema> = TOptional<T> & { [versionedKey]: true }
declare const versionedKey: unique symbol

/** The names of the versioned keys among `properties`. */
export type VersionedKey<P extends TProperties> = {
  [K in keyof P]: P[K] extends { [versionedKey]: true } ? K : never
}[keyof P] &
  string

/** Returns the schema of a key that answers carry from the version of `day` on: `2024-02-15`. */
export const since = <T extends TSchema>(day: string, schema: T) => marked(schema, sinceDay, day)

/** Returns the schema of a key that answers carry in versions before `day` only: the version that removed it. */
export const until = <T extends TSchema>(day: string, schema: T) => marked(schema, untilDay, day)

// Under symbols: the document, which is JSON, does not show them. A key may have both days.
const marked = <T extends TSchema>(schema: T, mark: symbol, day: string) =>
  ({ ...Type.Optional(schema), [mark]: day }) as unknown as Versioned<T>

interface Days {
  since: string
  until: string
}

/**
 * Returns what tells whether an answer in a version carries a versioned key of `schema`. A version compares as text:
 * its first ten characters are a date.
 */
export function keysByVersion<P extends TProperties>(schema: { properties: P }) {
  const days = {} as Record<VersionedKey<P>, Days>
  for (const [key, property] of Object.entries(schema.properties)) {
    const marks = property as { [sinceDay]?: string; [untilDay]?: string }
    const from = marks[sinceDay]
    const to = marks[untilDay]
    if (from !== undefined || to !== undefined) {
      days[key as VersionedKey<P>] = { since: from ?? '', until: to ?? '~' }
    }
  }
  return (version: string, key: VersionedKey<P>): boolean => {
    const day = version.slice(0, 10)
    return day >= days[key].since && day < days[key].until
  }
}

/** `never` for a key that `Shown` does not have: an optional key in a spread would pass otherwise. */
type Exactly<Shown, R> = R & Record<Exclude<keyof R, keyof Shown>, never>

type Renders = <S extends TSchema>(
  schema: S
) => <A extends unknown[], R extends Static<S>>(
  render: (...args: A) => Exactly<Static<S>, R>
) => (...args: A) => Static<S>

type RendersWhole = <S extends TSchema>(
  schema: S
) => <A extends unknown[], R extends Static<S>>(
  render: (...args: A) => Exactly<Static<S>, R>
) => (...args: A) => R

const unchanged = () => (render: unknown) => render

/**
 * Returns `render`, typed as what `schema` documents. It does not compile where the code and the document differ:
 * a key of one that the other lacks, or a value of another type.
 */
export const renders = unchanged as unknown as Renders

/** Returns `render`, checked the same way; its type keeps which optional keys it always gives. */
export const rendersWhole = unchanged as unknown as RendersWhole
