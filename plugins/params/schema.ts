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
 * The schema types for route parameters, in addition to TypeBox's own. The schema is what the document shows;
 * its static type is what the route gets.
 */

/** Returns the schema option that names the component of a schema with many uses. */
export const component = (name: string) => ({ [componentName]: name })

/** Returns the schema with a more specific description. */
export const describedAs = <T extends TSchema>(schema: T, description: string): T => ({
  ...schema,
  description
})

/** Returns a hash without additional properties. Bodies, queries and paths are such hashes. */
export const Hash = <P extends TProperties>(properties: P, options: ObjectOptions = {}): TObject<P> =>
  Type.Object(properties, { ...options, additionalProperties: false })

/** Returns an enum of strings, in the order in which an error lists them. */
export const OneOf = <const T extends readonly string[]>(
  values: T,
  options: SchemaOptions = {}
): TUnsafe<T[number]> =>
  Type.Unsafe<T[number]>({ ...options, [Kind]: 'OneOf', type: 'string', enum: [...values] })

/**
 * Returns a schema that also takes an empty string (null in JSON), which unsets the value. The route then
 * gets null.
 */
export const Clearable = <T extends TSchema>(
  schema: T,
  options: SchemaOptions = {}
): TUnsafe<Static<T> | null> =>
  Type.Unsafe<Static<T> | null>({
    ...options,
    [Kind]: 'Clearable',
    anyOf: [schema, { type: 'string', enum: [''] }]
  })

/** The limits of metadata: the number of keys, the characters of a key, and the characters of a value. */
export const METADATA = { keys: 50, key: 40, value: 500 } as const

const metadataHash = { type: 'object', additionalProperties: { type: 'string', maxLength: METADATA.value } }

/** Returns the schema of a new object's metadata, which ignores keys with empty values. */
export const Metadata = (options: SchemaOptions = {}): TUnsafe<Record<string, string>> =>
  Type.Unsafe<Record<string, string>>({
    ...component('metadata_params'),
    ...options,
    ...metadataHash,
    [Kind]: 'Metadata'
  })

/** Returns the schema of a metadata update: null deletes a key, or all keys when it is the whole value. */
export const MetadataUpdate = (options: SchemaOptions = {}): TUnsafe<Record<string, string | null> | null> =>
  Clearable(
    Type.Unsafe<Record<string, string | null>>({
      ...component('metadata_params'),
      ...metadataHash,
      [Kind]: 'MetadataUpdate'
    }),
    options
  )

/** Returns the schema of a time in seconds since 1970. */
export const UnixTime = (options: SchemaOptions = {}) => Type.Integer({ ...options, format: 'unix-time' })

/** Returns the schema of a time, or of bounds around it. */
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

/** Returns the schema of a phone number, whose length has an error text of its own. */
export const Phone = (maxLength = 20, options: SchemaOptions = {}): TUnsafe<string> =>
  Type.Unsafe<string>({ ...options, [Kind]: 'Phone', type: 'string', maxLength })

/** Returns a string schema whose value no answer and no error may repeat. */
export const Secret = (schema: TString): TString => ({ ...schema, writeOnly: true })
