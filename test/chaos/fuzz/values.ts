import fc from 'fast-check'
import type { Random } from './random'

/** As much of JSON schema as the document uses. */
export interface Schema {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  oneOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  additionalProperties?: boolean | Schema
  minimum?: number
  maxLength?: number
}

/** Ids that calls gave back, by the name of the parameter that they fit. */
export type Known = ReadonlyMap<string, readonly string[]>

/** Values that a schema allows, and values that nothing allows. */
export class Values {
  readonly #random: Random
  readonly #schemas: Record<string, Schema>
  readonly #known: Known
  readonly #hostile: readonly unknown[]

  constructor(random: Random, schemas: Record<string, Schema>, known: Known) {
    this.#random = random
    this.#schemas = schemas
    this.#known = known
    this.#hostile = hostileValues(random.below(2 ** 31))
  }

  /** The caller's own: it may be changed further. */
  hostile(): unknown {
    return structuredClone(this.#random.pick(this.#hostile))
  }

  /** What the schema allows, or would allow if it were not for what else was given. */
  of(schema: Schema, name = '', depth = 0): unknown {
    const random = this.#random
    const real = this.resolved(schema)
    const alternatives = real.anyOf ?? real.oneOf
    if (alternatives) return this.of(random.pick(alternatives), name, depth)
    if (real.const !== undefined) return real.const
    if (real.enum) return random.pick(real.enum)
    const type = Array.isArray(real.type) ? random.pick(real.type) : real.type
    switch (type) {
      case 'integer':
      case 'number':
        return Math.max(real.minimum ?? 0, random.pick([0, 1, 8, 50, 999, 2033, 1795000000]))
      case 'boolean':
        return random.chance(0.5)
      case 'null':
        return ''
      case 'array':
        return Array.from({ length: random.below(3) }, () => this.of(real.items ?? {}, name, depth + 1))
      case 'object':
        return this.#hash(real, depth)
      default:
        return this.#text(name, real.maxLength ?? 5000)
    }
  }

  resolved(schema: Schema): Schema {
    const name = schema.$ref?.split('/').at(-1)
    return name === undefined ? schema : this.resolved(this.#schemas[name] ?? {})
  }

  #hash({ properties = {}, required = [], additionalProperties }: Schema, depth: number): unknown {
    const random = this.#random
    const hash: Record<string, unknown> = {}
    for (const [name, schema] of Object.entries(properties)) {
      if (!required.includes(name) && !random.chance(depth === 0 ? 0.1 : 0.4)) continue
      hash[name] = this.of(schema, name, depth + 1)
    }
    if (typeof additionalProperties === 'object')
      for (let i = random.below(3); i > 0; i--) hash[`key${i}`] = this.of(additionalProperties, '', depth + 1)
    return hash
  }

  #text(name: string, maxLength: number): string {
    const random = this.#random
    const known = this.#known.get(name)
    if (known && known.length > 0 && random.chance(0.9)) return random.pick(known)
    const usual = usualTexts[name]
    if (usual && random.chance(0.9)) return random.pick(usual)
    return random
      .pick(['a', 'x y', 'ünï ☃', 'a@example.com', '12', 'https://example.com/x'])
      .slice(0, maxLength)
  }
}

const usualTexts: Record<string, string[]> = {
  number: [
    '4242424242424242',
    '4000000000000002',
    '5555555555554444',
    '4000002500003155',
    '4111',
    '4242424242424241'
  ],
  cvc: ['123', '1234', '1'],
  token: ['tok_visa', 'tok_mastercard', 'tok_none'],
  currency: ['usd', 'eur', 'jpy', 'xxx'],
  country: ['US', 'DE', 'GB'],
  email: ['jenny@example.com'],
  expand: [
    'customer',
    'data.customer',
    'payment_method',
    'latest_charge',
    'customer.invoice_settings',
    'nothing'
  ],
  routing_number: ['110000000', '000000000'],
  account_number: ['000123456789', '000111111116'],
  iban: ['DE89370400440532013000', 'DE00'],
  query: ["email:'jenny@example.com'", "name~'a'", "metadata['k']:null", "created>1 AND -email:'x'", "('"],
  url: ['https://example.com/hook', 'http://127.0.0.1/', 'ftp://x'],
  return_url: ['https://example.com/return']
}

/** Strings of every kind, numbers at their ends, nestings: made once by fast-check, and those that are known to bite. */
function hostileValues(seed: number): unknown[] {
  const sample = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number) => fc.sample(arbitrary, { seed, numRuns })
  return [
    ...sample(fc.string({ unit: 'binary', maxLength: 40 }), 300),
    ...sample(fc.string({ unit: 'grapheme', maxLength: 40 }), 100),
    ...sample(fc.double(), 50),
    ...sample(fc.bigInt(), 20).map(String),
    ...sample(fc.jsonValue({ maxDepth: 4 }), 200),
    ...[
      '',
      ' ',
      '\0',
      '\u2028',
      '\ud800',
      '__proto__',
      'constructor',
      'toString',
      '%',
      '%00',
      '%zz',
      '\\',
      "'",
      '"'
    ],
    ...[
      '../../etc/passwd',
      "' or 1=1 --",
      '${7*7}',
      '<script>',
      '[',
      ']',
      '[]',
      'a[b',
      '1e400',
      '-0',
      'NaN',
      '0x10'
    ],
    ...[
      null,
      true,
      false,
      0,
      -1,
      1.5,
      2 ** 31,
      2 ** 53,
      2 ** 63,
      -(2 ** 63),
      1e308,
      'true',
      '1',
      '-1',
      '9'.repeat(400)
    ],
    ...[
      [],
      {},
      [[]],
      [{}],
      { '': '' },
      { __proto__: 1 },
      [null],
      'x'.repeat(5001),
      'é'.repeat(6000),
      'a'.repeat(70_000)
    ],
    deep(7),
    deep(9),
    deep(200)
  ]
}

const deep = (levels: number): unknown => (levels === 0 ? 'x' : { a: deep(levels - 1) })
