import {
  Kind,
  type ObjectOptions,
  type SchemaOptions,
  type Static,
  type TObject,
  type TProperties,
  type TSchema,
  type TString,
  type TUnsafe,
  Type
} from '@sinclair/typebox'
import { componentName } from '../openapi/components'

/**
 * The words, beside TypeBox's own, that the parameters of a route are written in. What a schema looks like is
 * what the document says; its static type is what the route gets.
 */

/** Among a schema's options: the name of its component in the document, for what stands in many places. */
export const component = (name: string) => ({ [componentName]: name })

/** The same schema where it means something more. */
export const describedAs = <T extends TSchema>(schema: T, description: string): T => ({
  ...schema,
  description
})

/** A hash that takes no other names than these. Bodies, queries and paths are such hashes themselves. */
export const Hash = <P extends TProperties>(properties: P, options: ObjectOptions = {}): TObject<P> =>
  Type.Object(properties, { ...options, additionalProperties: false })

/** One of some strings, in the order in which a refusal lists them. */
export const OneOf = <const T extends readonly string[]>(
  values: T,
  options: SchemaOptions = {}
): TUnsafe<T[number]> =>
  Type.Unsafe<T[number]>({ ...options, [Kind]: 'OneOf', type: 'string', enum: [...values] })

/** A value, or an empty string (JSON: null) that unsets it; the route gets null then. */
export const Clearable = <T extends TSchema>(
  schema: T,
  options: SchemaOptions = {}
): TUnsafe<Static<T> | null> =>
  Type.Unsafe<Static<T> | null>({
    ...options,
    [Kind]: 'Clearable',
    anyOf: [schema, { type: 'string', enum: [''] }]
  })

/** The bounds of metadata: keys in all, characters of a key, characters of a value. */
export const METADATA = { keys: 50, key: 40, value: 500 } as const

const metadataHash = { type: 'object', additionalProperties: { type: 'string', maxLength: METADATA.value } }

/** Metadata of something new: a key with an empty value is as good as not there. */
export const Metadata = (options: SchemaOptions = {}): TUnsafe<Record<string, string>> =>
  Type.Unsafe<Record<string, string>>({
    ...component('metadata_params'),
    ...options,
    ...metadataHash,
    [Kind]: 'Metadata'
  })

/** Changes to metadata: a key that is null is to be deleted, and null for the whole deletes all. */
export const MetadataUpdate = (options: SchemaOptions = {}): TUnsafe<Record<string, string | null> | null> =>
  Clearable(
    Type.Unsafe<Record<string, string | null>>({
      ...component('metadata_params'),
      ...metadataHash,
      [Kind]: 'MetadataUpdate'
    }),
    options
  )

/** Seconds since 1970. */
export const UnixTime = (options: SchemaOptions = {}) => Type.Integer({ ...options, format: 'unix-time' })

/** A moment, or bounds around it. */
export const CreatedFilter = (options: SchemaOptions = {}) =>
  Type.Union(
    [
      Hash({
        gt: Type.Optional(Type.Integer({ description: 'Later than this second.' })),
        gte: Type.Optional(Type.Integer({ description: 'This second or later.' })),
        lt: Type.Optional(Type.Integer({ description: 'Earlier than this second.' })),
        lte: Type.Optional(Type.Integer({ description: 'This second or earlier.' }))
      }),
      Type.Integer()
    ],
    { ...component('created_filter'), ...options }
  )

/** A telephone number, whose length is refused in words of its own. */
export const Phone = (maxLength = 20, options: SchemaOptions = {}): TUnsafe<string> =>
  Type.Unsafe<string>({ ...options, [Kind]: 'Phone', type: 'string', maxLength })

/** A string that no answer and no error message may repeat. */
export const Secret = (schema: TString): TString => ({ ...schema, writeOnly: true })
