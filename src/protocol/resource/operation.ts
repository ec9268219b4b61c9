import type { Static, TObject, TSchema } from '@sinclair/typebox'
import type { Queryable } from '../../../plugins/database/statement'
import type { Documented } from '../errors/refusal'
import type { NoSuch } from '../errors/no-such'
import type { Expand } from '../expand'
import type { Caller } from './objects'

/** Where a call came from. */
export interface Origin {
  /** The address of the client; null for a call of the host's own code. */
  readonly ip: string | null
}

/** The parameters as callers send them: those of the path and of the body or query, in one hash. */
export type Sent<Path, Input> = Fields<Path> & Fields<Input>

/** The same as a handler gets them: `expand` is read already. */
export type Given<Path, Input> = Fields<Path> & Omit<Fields<Input>, 'expand'> & { expand: Expand }

type Fields<Schema> = Schema extends TSchema ? Static<Schema> : unknown

/**
 * Does what the operation does. Gives the object to answer, or the `Answer` that is kept under an idempotency key.
 * Throws what the operation documents in `errors`.
 */
export type Handler<C, Params> = (call: C, params: Params, origin: Origin) => Promise<object>

/** The answer is an object of the resource's own kind, or a list of them. */
export declare const own: unique symbol
export interface Own {
  [own]: 'object'
}
export interface OwnList {
  [own]: 'list'
}

/** What an operation says of itself. */
export interface About {
  summary: string
  description: string
  /**
   * How it refuses, besides what is added: "No such …" for an id of the resource's own in the path, a bad cursor of a list,
   * a parameter that is not supported, a bad `expand`.
   */
  errors?: readonly Documented[]
  /** Whether a browser may call it with a publishable key. */
  publishable?: true
  /** The answer to the example of its parameters. */
  example?: object
  /** The kind of the objects that it answers with and that `expand` is about, where it is not the resource's own. */
  of?: string
  /** What `expand` may name besides: properties of a list itself. */
  expandsOfList?: readonly string[]
}

/** An operation as a resource's definition has it. `Row` is what the shared operations read from the resource's table. */
export interface Draft<C, Params, Answer, Row = unknown> {
  method: 'delete' | 'get' | 'post'
  /** Behind the resource's own path: `/:charge/capture`. */
  path: string
  params: TObject | undefined
  /** The schema of the body of a POST, of the query otherwise. */
  input: TObject
  /** What it answers with: the resource's own object or a list of them, else this schema. */
  answer: 'object' | 'list' | TSchema
  about: About
  handler: (own: Shared<Row>) => Handler<C, never>
  /** Only a type. */
  types?: { params: Params; answer: Answer }
}

/** What the shared operations need of their resource. */
export interface Shared<Row> {
  kind: string
  /** `/v1/charges`. */
  url: string
  find: (db: Queryable, account: string, id: string) => Promise<Row | undefined>
  noSuch: NoSuch
  // A method: a shared operation hands it what it had from `find`.
  toObjects(call: Caller, rows: readonly Row[]): Promise<object[]>
}

/** The schemas of an operation. */
interface Schemas<Path, Answers> {
  /** Of the parameters in the path, where it has any. */
  params?: Path
  /** Of the answer, where it is not the resource's own object. */
  answer?: Answers
}

type AnswerOf<Answers> = Answers extends TSchema ? Static<Answers> : Own

type Declared<C, Path, Input, Answers> = Draft<C, Sent<Path, Input>, AnswerOf<Answers>>

/** Declares a GET: `get('/search', searchCustomers, { query: SearchQuery, … })`. */
export const get = <
  C,
  Input extends TObject,
  Path extends TObject | undefined = undefined,
  Answers extends TSchema | undefined = undefined
>(
  path: string,
  handler: Handler<C, NoInfer<Given<Path, Input>>>,
  { query, ...more }: Schemas<Path, Answers> & About & { query: Input }
): Declared<C, Path, Input, Answers> => declared('get', path, handler, query, more)

/** Declares a POST: `post('/:payment_method/attach', attach, { params: Path, body: AttachBody, … })`. */
export const post = <
  C,
  Input extends TObject,
  Path extends TObject | undefined = undefined,
  Answers extends TSchema | undefined = undefined
>(
  path: string,
  handler: Handler<C, NoInfer<Given<Path, Input>>>,
  { body, ...more }: Schemas<Path, Answers> & About & { body: Input }
): Declared<C, Path, Input, Answers> => declared('post', path, handler, body, more)

/** Declares a DELETE: `del('/:customer', deleteCustomer, { params: CustomerPath, query: NoParams, … })`. */
export const del = <
  C,
  Input extends TObject,
  Path extends TObject | undefined = undefined,
  Answers extends TSchema | undefined = undefined
>(
  path: string,
  handler: Handler<C, NoInfer<Given<Path, Input>>>,
  { query, ...more }: Schemas<Path, Answers> & About & { query: Input }
): Declared<C, Path, Input, Answers> => declared('delete', path, handler, query, more)

const declared = <
  C,
  Path extends TObject | undefined,
  Input extends TObject,
  Answers extends TSchema | undefined
>(
  method: Draft<C, unknown, unknown>['method'],
  path: string,
  handler: Handler<C, NoInfer<Given<Path, Input>>>,
  input: Input,
  { params, answer, ...about }: Schemas<Path, Answers> & About
): Declared<C, Path, Input, Answers> => ({
  method,
  path,
  params,
  input,
  answer: answer ?? 'object',
  about,
  handler: () => handler
})
