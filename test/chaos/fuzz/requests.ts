import { stringify } from 'qs'
import type { Random } from './random'
import type { Known, Schema, Values } from './values'

export interface Request {
  method: string
  path: string
  headers: Record<string, string>
  body: Buffer | undefined
}

interface Parameter {
  name: string
  in: string
  schema: Schema
}

interface Operation {
  parameters?: (Parameter & { $ref?: string })[]
  requestBody?: { content: Record<string, { schema: Schema }> }
}

export interface Document {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

/** Those that let a call in, and some that do not. */
export interface Keys {
  good: readonly string[]
  bad: readonly string[]
}

/** Makes calls of every operation in the document: half of them as documented, half with something wrong. */
export class Requests {
  readonly #random: Random
  readonly #values: Values
  readonly #known: Known
  readonly #keys: Keys
  readonly #calls: { method: string; template: string; operation: Operation }[]

  constructor(document: Document, random: Random, values: Values, known: Known, keys: Keys) {
    this.#random = random
    this.#values = values
    this.#known = known
    this.#keys = keys
    this.#calls = Object.entries(document.paths).flatMap(([template, operations]) =>
      Object.entries(operations).map(([method, operation]) => ({ method, template, operation }))
    )
  }

  next(): Request {
    const random = this.#random
    const { method, template, operation } = random.pick(this.#calls)
    const wrong = random.chance(0.5)
    const query = this.#query(operation)
    if (wrong && random.chance(0.3)) this.#spoil(query)
    const search = this.#form(query, wrong)
    const path = this.#path(template, wrong) + (search === '' ? '' : `?${bytesOf(search)}`)
    const { body, type } = this.#body(operation, wrong)
    const headers = this.#headers(method, wrong)
    if (body) Object.assign(headers, { 'content-type': type, 'content-length': String(body.length) })
    return {
      method: (wrong && random.chance(0.02)
        ? random.pick(['PUT', 'PATCH', 'DELETE', 'HEAD', 'GET'])
        : method
      ).toUpperCase(),
      path,
      headers,
      body
    }
  }

  #path(template: string, wrong: boolean): string {
    const random = this.#random
    const path = template.replace(/\{(\w+)\}/g, (_whole, name: string) => {
      const known = this.#known.get(template.split('/')[2] ?? '') ?? this.#known.get(name) ?? []
      if (known.length > 0 && !(wrong && random.chance(0.15))) return encodeURIComponent(random.pick(known))
      return encoded(textOf(this.#values.hostile()))
    })
    return wrong && random.chance(0.02)
      ? path + random.pick(['/', '//x', '/%2e%2e', ';a', '%ff', '/attach/attach'])
      : path
  }

  #query({ parameters = [] }: Operation): Record<string, unknown> {
    const query: Record<string, unknown> = {}
    for (const parameter of parameters) {
      if (parameter.in !== 'query' || !this.#random.chance(0.3)) continue
      query[parameter.name] = this.#values.of(parameter.schema, parameter.name)
    }
    return query
  }

  #body({ requestBody }: Operation, wrong: boolean): { body: Buffer | undefined; type: string } {
    const random = this.#random
    const json = 'application/json'
    const form = 'application/x-www-form-urlencoded'
    const schema = requestBody?.content[json]?.schema ?? requestBody?.content[form]?.schema
    if (!schema) return { body: wrong && random.chance(0.1) ? Buffer.from('a=b') : undefined, type: form }
    const given = this.#values.of(schema) as Record<string, unknown>
    if (wrong) for (let i = 1 + random.below(3); i > 0; i--) this.#spoil(given)
    const asJson = random.chance(0.4)
    let body: Buffer = Buffer.from(asJson ? jsonOf(given) : this.#form(given, wrong))
    if (wrong && random.chance(0.1)) body = this.#garbled(body)
    const type =
      wrong && random.chance(0.05)
        ? random.pick(['text/plain', 'multipart/form-data', form + '; charset=x', ''])
        : undefined
    return { body, type: type ?? (asJson ? json : form) }
  }

  /** Puts something hostile somewhere into the parameters, or takes something away. */
  #spoil(hash: Record<string, unknown>): void {
    const random = this.#random
    if (Array.isArray(hash)) {
      // Under a name it could be one of 4,294,967,295 elements.
      hash.push(this.#values.hostile())
      return
    }
    const names = Object.keys(hash)
    if (names.length === 0 || random.chance(0.2)) {
      const name = random.chance(0.5) ? textOf(this.#values.hostile()).slice(0, 60) : random.pick(usualNames)
      Reflect.defineProperty(hash, name, {
        value: this.#values.hostile(),
        enumerable: true,
        configurable: true,
        writable: true
      })
      return
    }
    const name = random.pick(names)
    const value = hash[name]
    if (typeof value === 'object' && value !== null && random.chance(0.6)) {
      this.#spoil(value as Record<string, unknown>)
      return
    }
    const how = random.below(10)
    if (how === 0) Reflect.deleteProperty(hash, name)
    else if (how === 1) hash[name] = [value, value]
    else if (how === 2) hash[name] = { [name]: value }
    else hash[name] = this.#values.hostile()
  }

  #form(hash: Record<string, unknown>, wrong: boolean): string {
    const random = this.#random
    const arrayFormat = random.pick(['brackets', 'indices', 'repeat'] as const)
    const text = stringify(hash, { arrayFormat, skipNulls: false, encode: !(wrong && random.chance(0.1)) })
    return wrong && random.chance(0.03)
      ? text + random.pick(['&', '&&=', '&=x', '&a[', '&a]b=1', '&%', '&a=%ff', '&a[][]=1'])
      : text
  }

  #garbled(body: Buffer): Buffer {
    const random = this.#random
    if (body.length === 0) return Buffer.from([random.below(256)])
    if (random.chance(0.5)) return body.subarray(0, random.below(body.length))
    const garbled = Buffer.from(body)
    for (let i = 1 + random.below(4); i > 0; i--) garbled[random.below(garbled.length)] = random.below(256)
    return garbled
  }

  #headers(method: string, wrong: boolean): Record<string, string> {
    const random = this.#random
    const key = wrong && random.chance(0.05) ? random.pick(this.#keys.bad) : random.pick(this.#keys.good)
    const headers: Record<string, string> = { authorization: `Bearer ${key}` }
    if (method === 'post' && random.chance(0.5)) {
      const few = `fuzz-${random.below(200)}`
      headers['idempotency-key'] = random.chance(0.2) ? few : `fuzz-${random.next()}`
    }
    if (random.chance(0.3))
      headers['stripe-version'] = random.pick(['2022-11-15', '2024-06-20', '2026-01-28.clover'])
    if (!wrong) return headers
    const hostile = (): string =>
      textOf(this.#values.hostile())
        .replace(/[^\t\x20-\x7e]/g, '?')
        .slice(0, 300)
        .trim()
    if (random.chance(0.05)) headers['idempotency-key'] = hostile()
    if (random.chance(0.05)) headers['stripe-version'] = hostile()
    if (random.chance(0.05)) headers['stripe-account'] = hostile()
    if (random.chance(0.03)) headers['content-encoding'] = random.pick(['gzip', 'br', 'identity', 'x'])
    if (random.chance(0.02)) headers.authorization = hostile()
    return headers
  }
}

const usualNames = [
  'expand',
  'metadata',
  'customer',
  'type',
  'card',
  'limit',
  '__proto__',
  'constructor',
  'a[b]',
  ''
]

/** What a client sends that escapes nothing: the bytes as they are, but for those that would end the path. */
const bytesOf = (text: string): string =>
  Buffer.from(text)
    .toString('latin1')
    .replace(/[\0- \x7f]/g, (byte) => encodeURIComponent(byte))

/** Half a surrogate pair has no UTF-8. */
const encoded = (text: string): string => encodeURIComponent(text.replace(/\p{Surrogate}/gu, '?')) || 'x'

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** Also what JSON has no word for. */
const jsonOf = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'number' && !Number.isFinite(each) ? 1e308 : each
  )
