import type { Static, TObject, TSchema } from '@sinclair/typebox'
import type { Queryable } from '../../../plugins/database/statement'
import { mapValues } from '../../../plugins/openapi/shape'
import type { Documented } from '../errors/refusal'
import type { NoSuch } from '../errors/no-such'
import { unsupported } from '../errors/unsupported'
import { badExpand, expandOf } from '../expand'
import { badCursor, type List } from '../lists/lists'
import { answers, answersWith, ListOf, refusedIn, refusesAny } from '../schemas'
import type { Caller, Expandables, ObjectKind, Viewer } from './objects'
import type { Draft, Handler, Origin, Own, OwnList, Shared } from './operation'

/** What a resource's definition says: all that the vault knows of it. */
interface Definition<Row, Shown extends TSchema, Drafts, Joins extends boolean> {
  /** Its tag's, in the document. */
  description: string
  /** The component of one object; `Type.Unsafe<T>(schema)` gives it another type. */
  object: Shown
  /** Components that are neither `object` nor the list of it. */
  components?: readonly TSchema[]
  toObject: (view: Viewer, row: Row) => object
  /** Renders many rows of a call, where that takes more than `toObject`. */
  toObjects?: (call: Caller, rows: readonly Row[]) => Promise<object[]>
  find: (db: Queryable, account: string, id: string) => Promise<Row | undefined>
  /** Needed where other kinds expand to this one. */
  findMany?: (db: Queryable, account: string, ids: readonly string[]) => Promise<Row[]>
  noSuch: NoSuch
  /** The properties that `expand` may name. */
  expands?: Expandables
  /**
   * Whether its in-process calls take `tx`; true unless given. What a call begins with the processor has to be on
   * record, and the host could roll that record back: money would have moved that the vault does not know of.
   */
  joins?: Joins
  /** By their in-process names, in the order of the document. */
  operations: Drafts
}

/** The drafts of a definition: any call, any parameters, the rows of the resource's own table. */
type DraftsOf<Row> = Readonly<Record<string, Draft<never, unknown, unknown, Row>>>

/** An operation, ready to be a route and an in-process method. */
export interface Operation<C, Params = unknown, Answer = unknown> {
  readonly operationId: string
  readonly method: 'delete' | 'get' | 'post'
  /** `/v1/charges/:charge`. */
  readonly url: string
  /** The resource that a restricted key needs a permission for. */
  readonly permission: string
  /** Whether a browser may call it with a publishable key. */
  readonly publishable: boolean
  readonly schema: OperationSchema
  /** Runs it with decoded parameters: those of the path, and those of the body or query. Throws, or rejects with, a WireError. */
  readonly run: (call: C, path: object, input: object, origin: Origin) => Promise<object>
  /** Only a type. */
  readonly types?: { params: Params; answer: Answer }
}

/** As Fastify and the document want it. */
export interface OperationSchema {
  operationId: string
  summary: string
  description: string
  tags: string[]
  params?: TObject
  querystring?: TObject
  body?: TObject
  response: object
}

type Finished<Each, Shown> =
  Each extends Draft<infer C, infer Params, infer Answer, never>
    ? Operation<C, Params, Answered<Answer, Shown>>
    : never

type Answered<Answer, Shown> = Answer extends Own ? Shown : Answer extends OwnList ? List<Shown> : Answer

export interface Resource<Kind extends string, Shown, Operations, Joins extends boolean> extends ObjectKind {
  /** `payment_method`: what `object` says on the wire. */
  readonly kind: Kind
  /** `payment_methods`: its path behind `/v1/`, its table, and what a restricted key has permission for. */
  readonly plural: `${Kind}s`
  /** `PaymentMethods`. */
  readonly tag: string
  readonly description: string
  readonly components: readonly TSchema[]
  readonly joins: Joins
  readonly operations: Operations
  /** Only a type. */
  readonly shown?: Shown
}

/**
 * Defines a resource. Everything that the vault knows of it comes from here: routes, permissions, document, in-process
 * calls, `expand`, the objects of events, the tables of an export. Runs once, at start.
 */
export function resource<
  const Kind extends string,
  Row extends { id: string },
  Shown extends TSchema,
  const Drafts extends DraftsOf<NoInfer<Row>>,
  const Joins extends boolean = true
>(
  kind: Kind,
  definition: Definition<Row, Shown, Drafts, Joins>
): Resource<Kind, Static<Shown>, { [Name in keyof Drafts]: Finished<Drafts[Name], Static<Shown>> }, Joins> {
  const { description, object, components = [], toObject, find, findMany, noSuch, expands = {} } = definition
  const each = async (call: Caller, rows: readonly Row[]) => rows.map((row) => toObject(call, row))
  const { toObjects = each } = definition
  const plural = `${kind}s` as const
  const tag = pascal(plural)
  const lists = Object.values(definition.operations).some(({ answer }) => answer === 'list')
  const list = ListOf(`${kind}_list`, object)
  const shared: Shared<Row> = { kind, url: `/v1/${plural}`, find, noSuch, toObjects }
  const finished = (draft: Draft<never, unknown, unknown, Row>) =>
    finish(draft, { shared, tag, object, list })
  return {
    kind,
    plural,
    tag,
    description,
    components: [object, ...components, ...(lists ? [list] : [])],
    expands,
    joins: (definition.joins ?? true) as Joins,
    toObject: (view, row) => toObject(view, row as Row),
    load: findMany && (async (call, db, ids) => toObjects(call, await findMany(db, call.account, ids))),
    operations: mapValues(definition.operations, finished) as never
  }
}

interface Around<Row> {
  shared: Shared<Row>
  tag: string
  object: TSchema
  list: TSchema
}

function finish<Row>(
  draft: Draft<never, unknown, unknown, Row>,
  { shared, tag, object, list }: Around<Row>
): Operation<Caller> {
  const { method, path, params, input, answer, about } = draft
  const url = shared.url + path
  const operationId = pascal(`${method}_${url.replace('/v1/', '').replaceAll(/\/:?/g, '_')}`)
  const { of = shared.kind, publishable = false, example, summary, description } = about
  const schema = answer === 'object' ? object : answer === 'list' ? list : answer
  const errors = errorsOf(draft, shared.noSuch)
  return {
    operationId,
    method,
    url,
    permission: `${of}s`,
    publishable,
    schema: {
      operationId,
      summary,
      description,
      tags: [tag],
      ...(params && { params }),
      [method === 'post' ? 'body' : 'querystring']: input,
      response: example ? answersWith(example, schema, ...errors) : answers(schema, ...errors)
    },
    run: running(draft, of, draft.handler(shared) as Handler<Caller, object>)
  }
}

/** Makes the parameters as the handler wants them. The order of refusals: `expand`, what is not supported, the rest. */
function running(
  { input, about }: Draft<never, unknown, unknown, never>,
  kind: string,
  handler: Handler<Caller, object>
): Operation<Caller>['run'] {
  const pages = hasProperty(input, 'limit')
  const refused = refusedIn(input)
  // Not async: what it throws is the route's to catch, and the handler's promise is the answer.
  return (call, path, given: { expand?: readonly string[] }, origin) => {
    const expand = expandOf(call.vault.objects, kind, given.expand, pages, about.expandsOfList)
    for (const name of refused) if (Object.hasOwn(given, name)) throw unsupported(name)
    return handler(call, { ...path, ...given, expand }, origin)
  }
}

/** What the operation says of itself, and what follows from its path and its parameters. */
function errorsOf(
  { params, path, input, about }: Draft<never, unknown, unknown, never>,
  noSuch: NoSuch
): Documented[] {
  return [
    ...(params && path.startsWith('/:') ? [noSuch] : []),
    ...(about.errors ?? []),
    ...(hasProperty(input, 'starting_after') ? [badCursor] : []),
    ...(refusesAny(input) ? [unsupported] : []),
    ...(hasProperty(input, 'expand') ? [badExpand] : [])
  ]
}

const hasProperty = ({ properties }: TObject, name: string): boolean => Object.hasOwn(properties, name)

/** `payment_methods` → `PaymentMethods`. */
const pascal = (name: string): string =>
  name
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
