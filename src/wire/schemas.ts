import { type Static, type TProperties, type TSchema, Type } from '@sinclair/typebox'
import { Clearable, Hash } from '../../plugins/schema'

/** A string parameter; 5000 characters unless the wire says otherwise. */
export const Text = (maxLength = 5000, options: { description?: string } = {}) =>
  Type.String({ ...options, maxLength })

/** One that an empty string unsets. */
export const ClearableText = (maxLength = 5000) => Clearable(Text(maxLength))

/** Which ids to answer as whole objects. */
export const ExpandParam = Type.Optional(
  Type.Array(Text(), {
    description: 'Properties to answer as whole objects instead of ids; four levels at most.'
  })
)

export const ExpandOnly = Hash({ expand: ExpandParam })
export const NoParams = Hash({})

/** The parameters of every list. */
export const pageParams = {
  ending_before: Type.Optional(Text(5000, { description: 'The page that ends before this object.' })),
  expand: ExpandParam,
  limit: Type.Optional(Type.Integer({ description: 'Objects on the page, 1 to 100; 10 unless given.' })),
  starting_after: Type.Optional(Text(5000, { description: 'The page that begins after this object.' }))
} as const

/** The address parameters of customers, shipping and billing details: each leaf can be unset by itself. */
export const AddressParams = Hash({
  city: Type.Optional(ClearableText()),
  country: Type.Optional(ClearableText()),
  line1: Type.Optional(ClearableText()),
  line2: Type.Optional(ClearableText()),
  postal_code: Type.Optional(ClearableText()),
  state: Type.Optional(ClearableText())
})

// A host may have schemas named like ours in its own document.
export const componentPrefix = 'payment_vault.'

/** What makes a schema a component, by its name in the document. */
export const named = (name: string) => ({ $id: `${componentPrefix}${name}` })

/** A component by its name in the document. */
export const refTo = (name: string) => Type.Unsafe<unknown>({ $ref: `${componentPrefix}${name}#` })

export const ref = <T extends TSchema>(schema: T) =>
  Type.Unsafe<Static<T>>({ $ref: `${String(schema.$id)}#` })

// What an answer shows. Unlike parameters, hashes are open: a later version may show more.

export const nullable = (type: 'string' | 'integer' | 'boolean', more: object = {}) =>
  Type.Unsafe<unknown>({ type: [type, 'null'], ...more })

export const nullableHash = (properties: TProperties) =>
  Type.Unsafe<unknown>({ ...Type.Object(properties), type: ['object', 'null'] })

/** An id, or with `expand` the object itself, or null where there is none. */
export const expandable = (...components: string[]) =>
  Type.Unsafe<unknown>({ anyOf: [nullable('string', { maxLength: 5000 }), ...components.map(refTo)] })

export const WireObject = (name: string) => Type.Unsafe<string>({ type: 'string', enum: [name] })

export const AddressShown = {
  city: nullable('string'),
  country: nullable('string'),
  line1: nullable('string'),
  line2: nullable('string'),
  postal_code: nullable('string'),
  state: nullable('string')
}

export const MetadataShown = Type.Unsafe<Record<string, string>>({
  type: 'object',
  additionalProperties: { type: 'string', maxLength: 500 }
})

/** The list of a component. */
export const ListOf = (name: string, item: TSchema) =>
  Type.Object(
    {
      object: WireObject('list'),
      data: Type.Array(ref(item)),
      has_more: Type.Boolean({ description: 'Whether there are more behind this page.' }),
      url: Type.String({ maxLength: 5000, description: 'Where the list is.' })
    },
    { ...named(name), description: 'A page of a list, newest first.' }
  )

export const ErrorResponse = Type.Object(
  {
    error: Type.Object({
      advice_code: Type.Optional(Type.String()),
      code: Type.Optional(Type.String({ description: 'What went wrong, for programs.' })),
      decline_code: Type.Optional(Type.String({ description: "The issuer's reason." })),
      doc_url: Type.Optional(Type.String()),
      message: Type.Optional(Type.String({ description: 'What went wrong, for people.' })),
      network_advice_code: Type.Optional(Type.String()),
      network_decline_code: Type.Optional(Type.String()),
      param: Type.Optional(Type.String({ description: 'The parameter that is to blame.' })),
      type: Type.Unsafe<string>({
        type: 'string',
        enum: ['api_error', 'card_error', 'idempotency_error', 'invalid_request_error']
      })
    })
  },
  { ...named('error'), description: 'A refusal or a failure.' }
)

/** The answers of every route: its object, or an error. */
export const answers = (schema: TSchema) => ({
  200: schema.$id === undefined ? schema : ref(schema),
  default: ref(ErrorResponse)
})
