import type { TSchema } from '@sinclair/typebox'
import { Value, type ValueError, ValueErrorType } from '@sinclair/typebox/value'
import { closest, distance } from 'fastest-levenshtein'
import type { PaymentVaultOptions } from './options'
import { type Methods, optionSchemas, OptionsSchema, defaultRetention } from './options-schema'
import { isVersion } from '../protocol/versions'

const schemas: Record<string, TSchema> = optionSchemas

/** Throws a TypeError for an invalid or unknown option. Its message is one sentence that names the option. */
export function checkOptions(options: PaymentVaultOptions): void {
  for (const name of Object.keys(options)) if (!isKnown(name)) throw unknownOption(name)
  const [wrong] = Value.Errors(OptionsSchema, options)
  if (wrong) throw wrongOption(wrong)
  for (const [name, { methods }] of Object.entries(schemas)) {
    if (methods) checkMethods(name, options[name as keyof PaymentVaultOptions], methods as Methods)
  }
  for (const { name, must, holds } of rules) if (!holds(options)) throw complaint(name, `must ${must}`)
}

function checkMethods(path: string, given: unknown, methods: Methods): void {
  if (given === undefined) return
  if (typeof given !== 'object' || given === null) throw complaint(path, 'must be an object')
  for (const [name, needed] of Object.entries(methods)) {
    const method = (given as Record<string, unknown>)[name]
    const full = `${path}.${name}`
    if (typeof needed === 'object') checkMethods(full, method, needed)
    else if (method === undefined && needed) throw complaint(full, 'is missing: it must be a function')
    else if (method !== undefined && typeof method !== 'function') throw complaint(full, 'must be a function')
  }
}

/** The rules that the schema of one option cannot express. */
const rules: { name: string; must: string; holds: (options: PaymentVaultOptions) => boolean }[] = [
  {
    name: 'connectionString',
    must: 'be left out where `pool` is given',
    holds: ({ pool, connectionString }) => pool === undefined || connectionString === undefined
  },
  {
    name: 'fingerprintKey',
    must: 'be a string or a Buffer of 16 bytes or more',
    holds: ({ fingerprintKey }) => Buffer.byteLength(fingerprintKey) >= 16
  },
  {
    name: 'defaultVersion',
    must: 'be an API version such as 2022-11-15',
    holds: ({ defaultVersion }) => defaultVersion === undefined || isVersion(defaultVersion)
  },
  {
    name: 'publicUrl',
    must: 'be a URL such as https://example.com/billing, without a query',
    holds: ({ publicUrl }) => publicUrl === undefined || isBaseUrl(publicUrl)
  },
  {
    name: 'keepEventsFor',
    must: 'be for as long as idempotency keys are kept (`keepIdempotencyKeysFor`), or longer',
    holds: ({
      keepEventsFor = defaultRetention.keepEventsFor,
      keepIdempotencyKeysFor = defaultRetention.keepIdempotencyKeysFor
    }) => keepEventsFor >= keepIdempotencyKeysFor
  }
]

function isBaseUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  return /^https?:$/.test(protocol) && username === '' && password === '' && !/[?#\s]/.test(text)
}

/** The options that Fastify itself reads from every plugin. */
const fastifyOptions = ['prefix', 'logLevel', 'logSerializers']

const isKnown = (name: string): boolean => fastifyOptions.includes(name) || Object.hasOwn(optionSchemas, name)

function unknownOption(name: string): TypeError {
  const nearest = closest(name, [...Object.keys(optionSchemas), ...fastifyOptions])
  const hint = distance(name, nearest) * 3 <= nearest.length ? `; did you mean \`${nearest}\`?` : '.'
  return new TypeError(`fastify-payment-vault has no option \`${name.slice(0, 100)}\`${hint}`)
}

function wrongOption({ path, schema, type, value }: ValueError): TypeError {
  const [option = '', ...parts] = path.slice(1).split('/')
  // An unknown key makes the whole object invalid.
  if (type === ValueErrorType.ObjectAdditionalProperties) parts.pop()
  const described = 'expected' in schema ? schema : (schemas[option] ?? schema)
  const name = [option, ...parts].join('.')
  const must = `must be ${String(described.expected)}`
  if (value === undefined) return complaint(name, `is missing: it ${must}`)
  return complaint(name, described.showValue === true ? `${must}, not ${shown(value)}` : must)
}

const complaint = (name: string, what: string): TypeError =>
  new TypeError(`fastify-payment-vault: the option \`${name}\` ${what}.`)

/** Returns a string or number as given, and only the type of any other value. */
function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 100)}'`
  if (value === null || ['number', 'boolean', 'bigint'].includes(typeof value)) return String(value)
  return Array.isArray(value) ? 'an array' : `of type ${typeof value}`
}
