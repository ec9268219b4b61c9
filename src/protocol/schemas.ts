import {
  type Static,
  type TObject,
  type TProperties,
  type TSchema,
  type TUnsafe,
  Type
} from '@sinclair/typebox'
import { Clearable, component, Hash } from '../../plugins/params/schema'
import { responseDetails } from '../../plugins/openapi/responses'
import type { Documented } from './errors/refusal'
import { type Refusals, refusalsOf } from './errors/refusals'
import { since } from './versioned'

interface Described {
  description?: string
  examples?: readonly unknown[]
}

/** A string parameter; 5000 characters unless the wire says otherwise. */
export const Text = (maxLength = 5000, options: Described = {}) => Type.String({ ...options, maxLength })

/** One that an empty string unsets. */
export const ClearableText = (maxLength = 5000, options: Described = {}) =>
  Clearable(Text(maxLength), options)

/** Which ids to answer as whole objects. */
export const ExpandParam = Type.Optional(
  Type.Array(Text(), {
    description: 'Properties to answer as whole objects instead of ids; four levels at most.'
  })
)

export const ExpandOnly = Hash({ expand: ExpandParam })
export const ExpandOnlyBody = Hash({ expand: ExpandParam }, { examples: [{}] })
export const NoParams = Hash({})

// Under a symbol: the document, which is JSON, does not show it.
const refused = Symbol('refused')

/**
 * Documented, and nothing in this vault stands behind them: they are refused, whatever their values. An operation refuses
 * those of its body or query by itself; those of an inner hash its handler refuses, with `refuseUnsupported`.
 */
export const refusedParams = (names: readonly string[]) =>
  Object.fromEntries(
    names.map((name) => [
      name,
      Type.Optional(
        Type.Unknown({
          description: 'Nothing in this vault stands behind it: it is refused.',
          [refused]: true
        })
      )
    ])
  )

/** Returns the names of the refused parameters among the properties of `schema`, without those of inner hashes. */
export const refusedIn = (schema: TObject): string[] =>
  Object.entries(schema.properties)
    .filter(([, property]) => refused in property)
    .map(([name]) => name)

/** Returns whether a parameter of `schema` is refused, in an inner hash or not. */
export const refusesAny = (schema: object): boolean =>
  refused in schema ||
  Object.values(schema).some((each: unknown) => typeof each === 'object' && each !== null && refusesAny(each))

/** The parameters of every list. */
export const pageParams = {
  ending_before: Type.Optional(Text(5000, { description: 'The page that ends before this object.' })),
  expand: ExpandParam,
  limit: Type.Optional(Type.Integer({ description: 'Objects on the page, 1 to 100; 10 unless given.' })),
  starting_after: Type.Optional(Text(5000, { description: 'The page that begins after this object.' }))
} as const

const addressWords = {
  city: 'City, town or village.',
  country: 'Two letters, as ISO 3166-1 has them.',
  line1: 'Street and number, or a post box.',
  line2: 'Apartment, floor or building.',
  postal_code: 'Postal code.',
  state: 'State, province or county.'
} as const

/** One schema for each part of an address. */
const addressOf = <T extends TSchema>(part: (description: string) => T) => ({
  city: part(addressWords.city),
  country: part(addressWords.country),
  line1: part(addressWords.line1),
  line2: part(addressWords.line2),
  postal_code: part(addressWords.postal_code),
  state: part(addressWords.state)
})

/** The address parameters of customers, shipping and billing details: each leaf can be unset by itself. */
export const AddressParams = Hash(
  addressOf((description) => Type.Optional(ClearableText(5000, { description }))),
  component('address_params')
)

// A host may have schemas named like ours in its own document.
export const componentPrefix = 'payment_vault.'

/** What makes a schema a component, by its name in the document. */
export const named = (name: string) => ({ $id: `${componentPrefix}${name}` })

/** A component by its name in the document, for one that is declared further up; `T` is its type. */
export const refTo = <T = unknown>(name: string) => Type.Unsafe<T>({ $ref: `${componentPrefix}${name}#` })

export const ref = <T extends TSchema>(schema: T) =>
  Type.Unsafe<Static<T>>({ $ref: `${String(schema.$id)}#` })

// What an answer shows. Unlike parameters, hashes are open: a later version may show more.

interface JsonTypes {
  string: string
  integer: number
  boolean: boolean
  object: object
}

/** A value or null; where `more` has an `enum`, one of its values. */
export const nullable = <T extends keyof JsonTypes, const M extends NullableOptions>(
  type: T,
  more?: M
): TUnsafe<Choice<M, JsonTypes[T]> | null> => Type.Unsafe({ type: [type, 'null'], ...more })

interface NullableOptions {
  description?: string
  enum?: readonly unknown[]
  maxLength?: number
}

type Choice<M, Otherwise> = M extends { enum: readonly (infer E)[] } ? E : Otherwise

/** A key that the wire has, and that nothing here ever fills. */
export const alwaysNull = (type: 'string' | 'integer' | 'object') =>
  Type.Unsafe<null>({ type: [type, 'null'], description: 'Always null here.' })

export const nullableHash = <P extends TProperties>(properties: P, more: object = {}) =>
  Type.Unsafe<Static<TObject<P>> | null>({ ...Type.Object(properties), type: ['object', 'null'], ...more })

/**
 * An id, or with `expand` the object itself, one of these components; or null where there is none. Its type is the
 * id's: renderers give ids, and `expand` puts the objects in their places afterwards.
 */
export const expandable = (components: readonly [string, ...string[]], description: string) =>
  Type.Unsafe<string | null>({
    ...component(`expandable_${components[0]}`),
    description,
    // Null by itself: within the type of another member some generators do not see it.
    anyOf: [Type.String({ maxLength: 5000 }), ...components.map((name) => refTo(name)), { type: 'null' }]
  })

export const WireObject = <const N extends string>(name: N) =>
  Type.Unsafe<N>({ type: 'string', enum: [name], description: 'What kind of object this is.' })

/** The account that a customer may be besides: no answer names one here. */
export const CustomerAccountShown = since('2025-12-16', alwaysNull('string'))

/** Returns the properties in the wire's order: `id`, `object`, then ascending. */
export const inWireOrder = <P extends TProperties>({ id, object, ...rest }: P): P =>
  ({
    id,
    object,
    ...Object.fromEntries(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)))
  }) as unknown as P

/** The id of what is answered. */
export const IdShown = Text(5000, { description: 'What it is called in other calls.' })

export const AddressShown = addressOf((description) => nullable('string', { description }))

/** One that is never null, whatever its parts are. */
export const addressShown = (description: string) =>
  Type.Object(AddressShown, { ...component('address'), description })

export const LivemodeShown = Type.Boolean({ description: 'True in live mode, false in test mode.' })

export const MetadataShown = Type.Unsafe<Record<string, string>>({
  type: 'object',
  additionalProperties: { type: 'string', maxLength: 500 },
  description: "The caller's own notes, by key."
})

/** The list of a component. */
export const ListOf = (name: string, item: TSchema) =>
  Type.Object(
    {
      object: WireObject('list'),
      data: Type.Array(ref(item), { description: 'The objects of this page.' }),
      has_more: Type.Boolean({ description: 'Whether there are more behind this page.' }),
      url: Type.String({ maxLength: 5000, description: 'Where the list is.' })
    },
    { ...named(name), description: 'A page of a list, newest first.' }
  )

/** What a search for a component found. */
export const SearchResultOf = (name: string, item: TSchema) =>
  Type.Object(
    {
      object: WireObject('search_result'),
      data: Type.Array(ref(item), { description: 'The objects of this page.' }),
      has_more: Type.Boolean({ description: 'Whether there are more behind this page.' }),
      next_page: nullable('string', { description: 'What to send as `page` for the next one.' }),
      total_count: Type.Optional(
        Type.Integer({ description: 'How many there are, counted up to 10,000; only when expanded.' })
      ),
      url: Type.String({ maxLength: 5000, description: 'Where the search is.' })
    },
    { ...named(name), description: 'A page of what a search found, newest first.' }
  )

export const ErrorResponse = Type.Object(
  {
    error: Type.Object(
      {
        advice_code: Type.Optional(Type.String({ description: 'What to do about a refused card.' })),
        charge: Type.Optional(Type.String({ description: 'The charge that failed.' })),
        code: Type.Optional(Type.String({ description: 'What went wrong, for programs.' })),
        decline_code: Type.Optional(Type.String({ description: "The issuer's reason to refuse a card." })),
        doc_url: Type.Optional(Type.String({ description: 'Where the code is explained.' })),
        message: Type.Optional(Type.String({ description: 'What went wrong, for people.' })),
        network_advice_code: Type.Optional(Type.String({ description: "The card network's advice." })),
        network_decline_code: Type.Optional(Type.String({ description: "The card network's reason." })),
        param: Type.Optional(Type.String({ description: 'The parameter that is to blame.' })),
        payment_intent: Type.Optional(refTo('payment_intent')),
        payment_method: Type.Optional(refTo('payment_method')),
        setup_intent: Type.Optional(refTo('setup_intent')),
        type: Type.Unsafe<string>({
          type: 'string',
          enum: ['api_error', 'card_error', 'idempotency_error', 'invalid_request_error'],
          description: 'Whose fault it is: of the server, the card, the idempotency key or the request.'
        })
      },
      { description: 'What went wrong.' }
    )
  },
  { ...named('error'), description: 'A refusal or a failure.' }
)

/** The answers of a route: its object, its own refusals, or any other error. */
export const answers = (schema: TSchema, ...refusals: (Documented | string)[]) => ({
  ...(refusedWith(refusalsOf(refusals)) as object),
  200: schema.$id === undefined ? schema : ref(schema),
  default: saying({ description: 'Refused as any call can be, or failed.' }, ErrorResponse)
})

/** The same, with the answer to the example of the route's parameters. */
export const answersWith = (example: object, schema: TSchema, ...refusals: (Documented | string)[]) => ({
  ...answers(schema, ...refusals),
  200: saying({ description: schema.description ?? '', example }, schema)
})

const refusedWith = (refusals: Record<string, Refusals>) =>
  Object.fromEntries(Object.entries(refusals).map(([status, said]) => [status, saying(said, ErrorResponse)]))

const saying = (words: Parameters<typeof responseDetails>[0], schema: TSchema): TSchema => ({
  ...ref(schema),
  ...responseDetails(words)
})
