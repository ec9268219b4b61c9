import type { Document, Request } from './requests'
import type { Schema, Values } from './values'

const limit = 512 * 1024
const form = 'application/x-www-form-urlencoded'
const json = 'application/json'

export interface Worst extends Request {
  name: string
}

/** What takes longest to read, as large as it may be or a little larger: one for each way that was thought of. */
export function worstRequests(document: Document, values: Values, key: string): Worst[] {
  const authorization = `Bearer ${key}`
  const post = (name: string, path: string, text: string, type = form): Worst => {
    const body = Buffer.from(text).subarray(0, limit)
    const headers = { authorization, 'content-type': type, 'content-length': String(body.length) }
    return { name, method: 'POST', path, headers, body }
  }
  const get = (name: string, path: string, headers: Record<string, string> = {}): Worst => ({
    ...{ name, method: 'GET', path, headers: { authorization, ...headers }, body: undefined }
  })
  const customers = '/v1/customers'
  const search = (name: string, query: string): Worst =>
    get(`a search for ${name}`, `/v1/customers/search?query=${encodeURIComponent(query).slice(0, 15_000)}`)
  return [
    ...Object.entries(forms).map(([name, text]) => post(`a form of ${name}`, customers, text)),
    ...Object.entries(jsons).map(([name, text]) => post(`JSON of ${name}`, customers, text, json)),
    ...fields(document, values).flatMap(({ path, names }) =>
      Object.entries(strings).map(([what, text]) =>
        post(`${what} as ${names.join(' ')} at ${path}`, path, `${inBrackets(names)}=${text}`.slice(0, limit))
      )
    ),
    ...fields(document, values).map(({ path, names }) =>
      post(
        `emoji in JSON as ${names.join(' ')} at ${path}`,
        path,
        JSON.stringify(names.reduceRight<unknown>((value, name) => ({ [name]: value }), emoji)),
        json
      )
    ),
    ...Object.entries(searches).map(([name, query]) => search(name, query)),
    get('a path of 15,000 bytes', `/v1/customers/${'a'.repeat(15_000)}`),
    get('a path of slashes', `/v1/${'/'.repeat(15_000)}`),
    get('a path of percent signs', `/v1/customers/${'%41'.repeat(5000)}`),
    get('a query of 5,000 names', `/v1/customers?${'a&'.repeat(5000)}`),
    get('a query of 999 brackets', `/v1/customers?${repeated(999, (i) => `a[${i}][]=1`)}`),
    get('a query of 1,000 things to expand', `/v1/customers?${'expand[]=a&'.repeat(999)}`),
    get('a key of 15,000 bytes', customers, { authorization: `Bearer ${'a'.repeat(15_000)}` }),
    get('a basic key of 15,000 bytes', customers, { authorization: `Basic ${'YTph'.repeat(3700)}` }),
    get('blanks before a key', customers, { authorization: `Bearer${' '.repeat(15_000)}x` }),
    get('a version of 15,000 bytes', customers, { 'stripe-version': '2'.repeat(15_000) }),
    get('an account of 15,000 bytes', customers, { 'stripe-account': 'a'.repeat(15_000) }),
    get('a header of 100,000 bytes', customers, { x: 'a'.repeat(100_000) }),
    get(
      '1,900 headers',
      customers,
      Object.fromEntries(Array.from({ length: 1900 }, (_, i) => [`x${i}`, '']))
    ),
    {
      ...post('a coding of 15,000 bytes', customers, 'name=a'),
      headers: { authorization, 'content-type': form, 'content-encoding': 'a,'.repeat(7500) }
    },
    {
      ...post('an idempotency key of 15,000 bytes', customers, 'name=a'),
      headers: { authorization, 'content-type': form, 'idempotency-key': 'a'.repeat(15_000) }
    },
    {
      ...post('a type with 7,000 parameters', customers, 'name=a'),
      headers: { authorization, 'content-type': `${form}${';a'.repeat(7000)}` }
    }
  ]
}

const repeated = (count: number, make: (i: number) => string, between = '&'): string =>
  Array.from({ length: count }, (_, i) => make(i)).join(between)

const filled = (piece: string): string => piece.repeat(Math.floor(limit / Buffer.byteLength(piece)))

// 4 bytes each, and two units of JavaScript's.
const emoji = '\u{1f511}'.repeat(limit / 4 - 30)

const strings: Record<string, string> = {
  letters: filled('a'),
  digits: filled('4'),
  'digits with gaps': filled('4 '),
  'eleven digits at a time': filled('42424242424x'),
  'escaped letters': filled('%C3%A9'),
  'escaped emoji': filled('%F0%9F%94%91')
}

const forms: Record<string, string> = {
  'deep brackets': `a${filled('[b]')}`,
  'open brackets': `a${filled('[')}`,
  'closed brackets': `a${filled(']')}`,
  'empty brackets': `a${filled('[]')}=1`,
  'brackets in brackets': `a${filled('[[a]]')}=1`,
  'brackets beside brackets in brackets': `a[${filled('[a]')}]=1`,
  'one long name': filled('a'),
  'one long name in brackets': `a[${filled('a')}`,
  'a name of digits': filled('1'),
  '100,000 names': repeated(100_000, (i) => `a${i.toString(36)}`),
  '100,000 parameters': 'a=1&'.repeat(100_000),
  '100,000 parameters with an escape': `${'a=1&'.repeat(100_000)}b=%41`,
  '1,000 unknown names': repeated(1000, (i) => `${'a'.repeat(480)}${i}=1`),
  '1,000 near misses': repeated(1000, (i) => `nam${i}=1`),
  '1,000 of one list': repeated(1000, () => 'expand[]=a'),
  '1,000 of one list, long': repeated(1000, () => `expand[]=${'a.'.repeat(250)}`),
  '1,000 elements': repeated(1000, () => 'a[][b]=1'),
  '1,000 elements in elements': repeated(1000, () => 'a[][][][][][][]=1'),
  '1,000 names that are none': repeated(1000, (i) => `a[__proto__][${i}]=1`),
  'equals signs': filled('='),
  'equals signs in a value': `a=${filled('=')}`,
  'equals signs and brackets': `a=${filled(']=')}`,
  ampersands: filled('&'),
  'pairs of nothing': filled('=&'),
  'percent signs': filled('%'),
  pluses: `a=${filled('+')}`,
  'what is escaped': `a=${filled('%41')}`,
  'escaped names': filled('%61'),
  'large metadata': repeated(50, (i) => `metadata[${i}]=${'a'.repeat(10_000)}`),
  'much metadata': repeated(1000, (i) => `metadata[${i}]=${'a'.repeat(490)}`),
  'large metadata of digits': repeated(50, (i) => `metadata[${i}]=${'4'.repeat(10_000)}`),
  'a large name of metadata': `metadata[${filled('a')}`.slice(0, limit - 3) + ']=1',
  'a name of metadata of emoji':
    `metadata[${filled('%F0%9F%94%91')}`.slice(0, limit - 20).replace(/%[^%]*$/, '') + ']=1'
}

const jsons: Record<string, string> = {
  'deep lists': filled('['),
  'deep lists that end': '['.repeat(limit / 2) + ']'.repeat(limit / 2),
  'deep hashes': filled('{"a":'),
  'deep hashes that end': `${'{"a":'.repeat(87_000)}1${'}'.repeat(87_000)}`,
  'lists in a list': `{"a":[${'[],'.repeat(170_000)}[]]}`,
  'hashes in a list': `{"a":[${'{},'.repeat(170_000)}{}]}`,
  'hashes with names in a list':
    `{"a":[${repeated(60_000, (i) => `{"${i.toString(36)}":1}`.slice(0, 12), ',').slice(0, limit - 50)}]}`.slice(
      0,
      limit
    ),
  numbers: `{"a":[${'1,'.repeat(260_000)}1]}`,
  'numbers with fractions': `{"a":[${'1.7,'.repeat(130_000)}1]}`,
  'numbers with exponents': `{"a":[${'1e-300,'.repeat(74_000)}1]}`,
  'one long number': `{"a":${'1'.repeat(limit - 10)}}`,
  'one long fraction': `{"a":0.${'1'.repeat(limit - 10)}}`,
  'many names': `{${repeated(50_000, (i) => `"${i.toString(36)}a":1`, ',')}}`,
  'many numbers as names': `{${repeated(45_000, (i) => `"${i * 37}":1`, ',')}}`,
  'the same name': `{${repeated(80_000, () => '"a":1', ',')}}`,
  'many names with escapes': `{${repeated(36_000, (i) => `"\\u0061${i.toString(36)}":1`, ',')}}`,
  'one escaped string': `{"name":"${'\\u0061'.repeat(87_000)}"}`,
  'half surrogate pairs': `{"name":"${'\\ud83d'.repeat(87_000)}"}`,
  blanks: ' '.repeat(limit),
  'blanks behind a name that is none': `{"__proto__"${' '.repeat(limit - 20)}`,
  'names that are none': `{"a":[${'"__proto__",'.repeat(40_000)}1]}`,
  'names that are none below': `{"a":[${'{"__proto__":1},'.repeat(32_000)}1]}`,
  'large metadata': JSON.stringify({ metadata: { a: '\u{1f511}'.repeat(130_000) } }),
  'a large name of metadata': JSON.stringify({ metadata: { ['\u{1f511}'.repeat(130_000)]: 'a' } }),
  'a metadata value that is a list': `{"metadata":{"a":[${'"4242424242424242",'.repeat(900)}1]}}`,
  'a list as a name': `{"name":[${`"${'4'.repeat(500)}",`.repeat(990)}1]}`
}

const searches: Record<string, string> = {
  'many words': "name~'a' AND ".repeat(1000),
  'many other words': "name~'a' OR ".repeat(1000),
  'open brackets': '('.repeat(5000),
  quotes: "'".repeat(5000),
  backslashes: `name:'${'\\'.repeat(4000)}`,
  'a long value': `name:'${'a'.repeat(14_000)}'`,
  blanks: ' '.repeat(5000),
  minuses: '-'.repeat(14_000),
  digits: `created>${'1'.repeat(14_000)}`
}

interface Field {
  path: string
  names: string[]
}

/** Every string that a POST takes, with the names that lead to it; that of a list, or of any name, stands for all. */
function fields(document: Document, values: Values): Field[] {
  return Object.entries(document.paths).flatMap(([template, operations]) => {
    const schema = operations.post?.requestBody?.content[form]?.schema
    const path = template.replace(/\{\w+\}/g, 'x')
    return schema ? namesIn(values, schema).map((names) => ({ path, names })) : []
  })
}

function namesIn(values: Values, schema: Schema, depth = 0): string[][] {
  const real = values.resolved(schema)
  const alternatives = real.anyOf ?? real.oneOf
  if (alternatives) {
    const names = alternatives.flatMap((each) => namesIn(values, each, depth))
    return [...new Map(names.map((each) => [each.join(' '), each])).values()]
  }
  if (depth > 6) return []
  if (real.items) return namesIn(values, real.items, depth + 1).map((names) => ['0', ...names])
  const below = Object.entries(real.properties ?? {})
  if (typeof real.additionalProperties === 'object') below.push(['key', real.additionalProperties])
  if (below.length > 0)
    return below.flatMap(([name, each]) => namesIn(values, each, depth + 1).map((names) => [name, ...names]))
  return depth > 0 ? [[]] : []
}

const inBrackets = ([first = '', ...rest]: readonly string[]): string =>
  first + rest.map((name) => `[${name}]`).join('')
