import { randomInt } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { parseSearchQuery } from '../../../src/resources/customers/search-query'
import { noSuch, parameterMissing, parameterUnknown, refused } from '../../helpers/document/bodies'
import { type Ask, type Json, type Reply, startVault, type TestVault } from '../../helpers/vault'

const shared = startVault(t)
const path = '/v1/customers/search'

// Sent before all others, because it takes its seconds.
const slow = slowSearch()

async function slowSearch(): Promise<Reply> {
  const vault = await startVault(t)
  await create({ name: 'Slow' }, vault)
  await vault.db.pool.query('alter table payment_vault.customers rename to real_customers')
  await vault.db.pool.query(
    `create view payment_vault.customers as
     select c.* from payment_vault.real_customers c, lateral (select pg_sleep(20 * length(c.id))) slept`
  )
  return vault.get(path, { query: 'name~"low"' })
}

const search = async (query: string, params: object = {}, more: Ask = {}): Promise<Reply> =>
  (await shared).get(path, { query, ...params }, more)

const idsOf = ({ body }: Reply): string[] => (body.data as { id: string }[]).map(({ id }) => id)
const found = async (query: string, more: Ask = {}): Promise<string[]> => {
  const reply = await search(query, { limit: 100 }, more)
  if (reply.status !== 200) throw new Error(`${query}: ${reply.text}`)
  return idsOf(reply).sort()
}

async function create(params: Json, vault?: TestVault, more: Ask = {}): Promise<string> {
  const reply = await (vault ?? (await shared)).post('/v1/customers', params, more)
  if (reply.status !== 200) throw new Error(reply.text)
  return String(reply.body.id)
}

let counted = 0
/** A key of metadata that nobody else has, so that subtests don't find each other's customers. */
const newKey = (): string => `only${++counted}`

/** Searches among the customers of one key, whose value is what they are known by. */
async function among(people: Record<string, Json>): Promise<(query: string) => Promise<string[]>> {
  const key = newKey()
  const names = new Map<string, string>()
  for (const [name, params] of Object.entries(people)) {
    names.set(
      await create({ ...params, metadata: { ...(params.metadata as Json | undefined), [key]: name } }),
      name
    )
  }
  const all = (query: string) => found(`-metadata["${key}"]:null AND ${query}`)
  return async (query) => (await all(query)).map((id) => names.get(id) ?? id).sort()
}

const quoted = (text: string, mark = '"'): string => mark + text.replace(/["'\\]/g, '\\$&') + mark

t.test('an answer is a search_result, its keys in the wire’s order', async (t) => {
  t.equal(
    (await search('email:"nobody@example.com"')).text,
    `{
  "object": "search_result",
  "data": [],
  "has_more": false,
  "next_page": null,
  "url": "/v1/customers/search"
}`
  )
  const id = await create({ email: 'shape@example.com', name: 'Shape' })
  const { body, status } = await search('email:"shape@example.com"')
  t.equal(status, 200)
  t.same(
    body.data,
    [(await (await shared).get(`/v1/customers/${id}`)).body],
    'each is what a retrieve answers'
  )
})

t.test('by the words of a text: whole, in their order, whatever the case', async (t) => {
  const names = await among({
    one: { name: 'one two three' },
    more: { name: 'Zero ONE  two\tThree four' },
    apart: { name: 'one three two three' },
    longer: { name: 'one two threefold' },
    none: {}
  })
  t.same(await names('name:"one two three"'), ['more', 'one'], 'as documented, with words around it as well')
  t.same(await names("name:'TWO three'"), ['apart', 'more', 'one'])
  t.same(await names('name:" two  three "'), ['apart', 'more', 'one'], 'white space is white space')
  t.same(await names('name:"three"'), ['apart', 'more', 'one'])
  t.same(await names('name:"three one"'), [])
  t.same(await names('name:"thre"'), [], 'no part of a word')
  t.same(await names('name:"threefold" OR name:"zero"').catch(() => 'refused'), 'refused')
})

t.test('by e-mail address and telephone number', async (t) => {
  const people = await among({
    amy: { email: 'Amy@RocketRides.io', phone: '+1 555 0100' },
    xamy: { email: 'xamy@rocketrides.io', phone: '+19995550100' },
    none: {}
  })
  t.same(await people('email:"amy@rocketrides.io"'), ['amy'])
  t.same(await people('email:"rocketrides.io"'), [])
  t.same(await people('phone:"+1 555 0100"'), ['amy'])
  t.same(await people('phone:"+19995550100"'), ['xamy'])
  t.same(await people('phone~"5550100"'), ['xamy'])
  t.same(await people('phone:0100'), ['amy'], 'a number needs no quotation marks')
})

t.test('by a substring of three characters or more', async (t) => {
  const people = await among({
    amy: { email: 'amy@rocketrides.io', name: 'Amy Adams' },
    xamy: { email: 'XAMY@example.com', name: '100% _\\ "quoted"' }
  })
  t.same(await people('email~"amy"'), ['amy', 'xamy'])
  t.same(await people('email~"AMY@r"'), ['amy'])
  t.same(await people('name~"my ad"'), ['amy'], 'across words')
  t.same(await people('name~"0% _"'), ['xamy'])
  t.same(await people('name~"%%%"'), [], 'nothing stands for anything else')
  t.same(await people('name~"___"'), [])
  t.same(await people('name~"_\\\\ \\"quo"'), ['xamy'])
})

t.test('by metadata: the whole value of a key, whatever its case', async (t) => {
  const people = await among({
    gold: { metadata: { plan: 'Gold plan', 'a key': 'x', "it's": '"q"', back: 'a\\b' } },
    golden: { metadata: { plan: 'gold plan plus' } },
    Plan: { metadata: { Plan: 'gold plan' } },
    number: { metadata: { plan: '6735', __proto: 'x' } }
  })
  t.same(await people('metadata["plan"]:"gold plan"'), ['gold'], 'whole, and keys in their spelling')
  t.same(await people("metadata['a key']:'X'"), ['gold'])
  t.same(await people('metadata["it\\\'s"]:"\\"Q\\""'), ['gold'])
  t.same(await people('metadata["it\'s"]:\'"q"\''), ['gold'], 'the other mark needs no backslash')
  t.same(await people('metadata["back"]:"a\\b"'), ['gold'], 'a backslash before a letter is one')
  t.same(await people('metadata["back"]:"a\\\\b"'), ['gold'])
  t.same(await people('metadata["plan"]:6735'), ['number'])
  t.same(await people('metadata["plan"]:"null"'), [], 'null in quotation marks is a text')
  t.same(await people('metadata["plan"]:null'), ['Plan'])
  t.same(await people('-metadata["plan"]:NULL'), ['gold', 'golden', 'number'])
})

t.test('letters beyond ASCII have a case, and two spellings', async (t) => {
  const people = await among({
    elodie: { name: 'Élodie Müller' },
    decomposed: { name: 'E\u0301lodie' },
    strasse: { name: 'STRASSE' },
    greek: { name: 'ΟΔΟΣ', metadata: { city: 'Москва' } },
    emoji: { name: '👩‍🚀 日本語' }
  })
  t.same(await people('name:"éLODIE"'), ['decomposed', 'elodie'])
  t.same(await people('name~"üLL"'), ['elodie'])
  t.same(await people('name:"straße"'), ['strasse'])
  t.same(await people('name:"οδος"'), ['greek'])
  t.same(await people('metadata["city"]:"МОСКВА"'), ['greek'])
  t.same(await people('name:"日本語"'), ['emoji'])
  t.same(await people('name~"👩‍🚀"'), ['emoji'])
})

t.test('by the second of creation', async (t) => {
  const vault = await shared
  const people = await among({ old: {}, middle: {}, young: {} })
  const second = { old: 1000, middle: 2000, young: 3000 }
  for (const [name, created] of Object.entries(second)) {
    await vault.db.pool.query(`update payment_vault.customers set created = $1 where metadata @> $2`, [
      created,
      JSON.stringify({ [`only${counted}`]: name })
    ])
  }
  const expected: [query: string, names: string[]][] = [
    ['created:2000', ['middle']],
    ['created:"2000"', ['middle']],
    ['created>2000', ['young']],
    ['created>=2000', ['middle', 'young']],
    ['created<2000', ['old']],
    ['created<=2000', ['middle', 'old']],
    ['created <= "2000"', ['middle', 'old']],
    ['created>1000 created<3000', ['middle']],
    ['-created:2000', ['old', 'young']],
    ['created>-1', ['middle', 'old', 'young']],
    ['created:null', []],
    ['-created:null', ['middle', 'old', 'young']]
  ]
  for (const [query, names] of expected) t.same(await people(query), names, query)
})

t.test('AND, a space, OR, and a minus before any clause', async (t) => {
  const [a, b] = [newKey(), newKey()]
  const both = await create({ name: 'Both', metadata: { [a]: '1', [b]: '1' } })
  const onlyA = await create({ email: 'onlya@example.com', metadata: { [a]: '1' } })
  const onlyB = await create({ metadata: { [b]: '1' } })
  const [hasA, hasB] = [`metadata["${a}"]:"1"`, `metadata["${b}"]:"1"`]
  for (const and of [' AND ', ' and ', ' And  ', ' ', '\n'])
    t.same(await found(hasA + and + hasB), [both], and)
  for (const or of [' OR ', ' or ', '\tOr ']) {
    t.same(await found(hasA + or + hasB), [both, onlyA, onlyB].sort(), or)
  }
  t.same(await found(`${hasA} AND -${hasB}`), [onlyA])
  t.same(await found(`${hasA} -email:"onlya@example.com"`), [both], 'also who has no e-mail address')
  t.same(await found(`${hasA} -name~"both"`), [onlyA])
  t.same(await found(`${hasA} name:null`), [onlyA])
  t.same(await found(`${hasA} -name:null`), [both])
  t.same(await found(`${hasA} email:null phone:null`), [both])
  t.same(await found(`metadata["${a}"]:"2" OR name:"nobody at all" OR ${hasB}`), [both, onlyB].sort())
  t.same(await found(`  ${hasA}   ${hasB}  `), [both], 'space around')
  t.same(await found(Array(10).fill(hasB).join(' ') + ` `), [both, onlyB].sort(), 'ten clauses')
})

t.test('pages lead to the end, newest first, nobody twice', async (t) => {
  const vault = await shared
  const key = newKey()
  const first = await create({ metadata: { [key]: 'x' } })
  // More than are sorted after they were found; some of one second.
  await vault.db.pool.query(
    `insert into payment_vault.customers
     select (jsonb_populate_record(r, jsonb_build_object('id', 'cus_page' || n, 'created', 5000 + n / 3))).*
     from payment_vault.customers r, generate_series(1, 1150) n where r.id = $1`,
    [first]
  )
  const query = `metadata["${key}"]:"x"`
  const ids: string[] = []
  let created = Infinity
  for (let page: string | undefined; ;) {
    const { body } = await search(query, { limit: 100, ...(page !== undefined && { page }) })
    for (const one of body.data as { id: string; created: number }[]) {
      if (one.created > created) t.fail('not newest first')
      created = one.created
      ids.push(one.id)
    }
    t.equal(body.has_more, typeof body.next_page === 'string')
    if (body.next_page === null) break
    page = String(body.next_page)
  }
  t.equal(ids.length, 1151)
  t.equal(new Set(ids).size, 1151)
  const inOrder = await vault.db.pool.query<{ id: string }>(
    `select id from payment_vault.customers where metadata ? $1 order by created desc, id desc`,
    [key]
  )
  t.same(
    ids,
    inOrder.rows.map(({ id }) => id)
  )
  for (const [limit, length] of [
    [undefined, 10],
    [-1, 1],
    [0, 1],
    [1, 1],
    [100, 100],
    [101, 100]
  ] as const) {
    t.equal(idsOf(await search(query, { limit })).length, length, `limit ${String(limit)}`)
  }
  t.match((await search(query, { expand: ['total_count'] })).body, { total_count: 1151 })
})

t.test('a page is of its own query', async (t) => {
  const key = newKey()
  for (let i = 0; i < 2; i++) await create({ metadata: { [key]: 'x' } })
  const query = `metadata["${key}"]:"x"`
  const { body } = await search(query, { limit: 1 })
  const page = String(body.next_page)
  t.equal(idsOf(await search(query, { page })).length, 1)
  t.equal(idsOf(await search(query, { page, limit: 100 })).length, 1, 'the limit may change')
  const wrong = {
    message: 'Invalid page: it has to be the next_page of a search with the same query.',
    param: 'page'
  }
  refused(t, await search('name:"x"', { page }), 400, wrong)
  for (const other of [
    'x',
    '1',
    'cus_x',
    page.slice(1),
    `${page}AAAA`,
    Buffer.from('1 a').toString('base64url')
  ]) {
    refused(t, await search(query, { page: other }), 400, wrong, other)
  }
})

t.test('finds what is there now: not the deleted, the changed by what it is', async (t) => {
  const vault = await shared
  const id = await create({ email: 'before@example.com', name: 'Before', metadata: { state: 'before' } })
  await vault.post(`/v1/customers/${id}`, {
    email: 'after@example.com',
    name: '',
    metadata: { state: 'after' }
  })
  for (const query of ['email:"before@example.com"', 'name:"before"', 'metadata["state"]:"before"']) {
    t.same(await found(query), [], query)
  }
  for (const query of ['email:"after@example.com"', 'metadata["state"]:"after"'])
    t.same(await found(query), [id], query)
  await vault.del(`/v1/customers/${id}`)
  for (const query of ['email:"after@example.com"', 'email~"after@e"', 'metadata["state"]:"after"']) {
    t.same(await found(query), [], query)
  }
  t.notOk((await found('email:null')).includes(id))
})

t.test('finds nobody of the other mode, nor of another account', async (t) => {
  const vault = await shared
  const id = await create({ email: 'mine@example.com' })
  const live = await create({ email: 'mine@example.com' }, vault, { key: vault.keys.live })
  await vault.db.pool.query(
    `insert into payment_vault.customers
     select (jsonb_populate_record(r, '{"account_id": "acct_other:test"}')).* from payment_vault.customers r where r.id = $1`,
    [id]
  )
  for (const query of [
    'email:"mine@example.com"',
    'email~"mine@"',
    'email:"mine@example.com" OR email:"x"'
  ]) {
    t.same(await found(query), [id], query)
    t.same(await found(query, { key: vault.keys.live }), [live], query)
  }
  t.match((await search('email:null', {}, { key: vault.keys.publishable })).body, {
    error: { code: 'secret_key_required' }
  })
  t.equal((await search('email:null', {}, { key: null })).status, 401)
})

t.test('expands what the customers hold, and total_count', async (t) => {
  const vault = await shared
  const key = newKey()
  const id = await create({
    metadata: { [key]: 'x' },
    payment_method: 'pm_card_visa',
    invoice_settings: { default_payment_method: 'pm_card_visa' }
  }).catch(() => create({ metadata: { [key]: 'x' } }))
  const query = `metadata["${key}"]:"x"`
  const { body } = await search(query, { expand: ['data.tax', 'total_count'] })
  t.match(body, { total_count: 1, data: [{ id, tax: { ip_address: null } }] })
  t.same(Object.keys(body), ['object', 'data', 'has_more', 'next_page', 'total_count', 'url'])
  t.notOk('total_count' in (await search(query)).body)
  refused(t, await search(query, { expand: ['tax'] }), 400, {
    message: "This property cannot be expanded (tax). You may want to try expanding 'data.tax' instead."
  })
  const list = await vault.stripe().customers.search({ query, limit: 1 })
  t.match(list, { object: 'search_result', data: [{ id }], has_more: false, next_page: null })
})

t.test('a wrong query is told where and why', async (t) => {
  const wrong: [query: string, reason: string, at: number][] = [
    ['jane', 'Expected one of the operators : ~ > >= < <=', 5],
    [' ', 'Expected a field', 2],
    ['"jane"', 'Expected a field', 1],
    ['(name:"jane")', 'Expected a field; there are no parentheses', 1],
    ['name:"jane" AND (email:null)', 'Expected a field; there are no parentheses', 17],
    ['--name:"jane"', 'Expected a field', 2],
    ['name="jane"', 'Expected one of the operators : ~ > >= < <=', 5],
    ['name:', 'Expected a value in quotation marks, a number or null', 6],
    ['name:jane', 'Expected a value in quotation marks, a number or null', 6],
    ['name:""', 'Expected a character between the quotation marks', 7],
    ['name:"  "', 'Expected at least one word', 6],
    ['name:"jane', 'Expected a closing "', 6],
    ['name:\'jane"', "Expected a closing '", 6],
    ['name:"jane\\"', 'Expected a closing "', 6],
    ['name:"👩‍🚀"x', 'Expected a space, AND or OR', 11],
    ['name:"jane"email:null', 'Expected a space, AND or OR', 12],
    ['name:"jane" AND', 'Expected a field', 16],
    ['name:"jane" AND AND email:null', 'Expected one of the operators : ~ > >= < <=', 21],
    ['name~"ja"', 'Expected a substring of at least 3 characters', 6],
    ['name~"👩🚀"', 'Expected a substring of at least 3 characters', 6],
    ['name~null', '`null` can only follow `:`', 6],
    ['created>null', '`null` can only follow `:`', 9],
    ['name>"jane"', 'Field `name` does not support `>`, only `:`, `~`', 1],
    ['-created~"123"', 'Field `created` does not support `~`, only `:`, `>`, `>=`, `<`, `<=`', 2],
    ['metadata["a"]~"abc"', 'Field `metadata` does not support `~`, only `:`', 1],
    ['metadata:"a"', 'Expected a key in brackets, as in metadata["key"]', 9],
    ['metadata[a]:"b"', 'Expected a key in quotation marks, as in metadata["key"]', 10],
    ['metadata["a":"b"', 'Expected a closing bracket behind the key', 13],
    ['created:"soon"', 'Expected a whole number of seconds', 9],
    ['created>1.5', 'Expected a whole number of seconds', 9],
    ['created>9999999999999999', 'Expected a whole number of seconds', 9],
    ['created>--1', 'Expected a whole number of seconds', 9],
    [
      'name:null AND email:null OR phone:null',
      'AND (or a space) and OR can not be combined in one query',
      25
    ],
    ['name:null email:null OR phone:null', 'AND (or a space) and OR can not be combined in one query', 21],
    [Array(11).fill('name:null').join(' '), 'A query has up to 10 clauses, and there is one more', 101],
    [
      'foo:"bar"',
      'Field `foo` is an unsupported search field for resource `customers`: use one of created, email, metadata["key"], name, phone',
      1
    ],
    [
      'name:null 4242424242424242:null',
      'Field `************4242` is an unsupported search field for resource `customers`: use one of created, email, metadata["key"], name, phone',
      11
    ]
  ]
  for (const [query, reason, at] of wrong) {
    const message = `We were unable to parse your search query. ${reason} (at character ${at}).`
    refused(t, await search(query), 400, { message, param: 'query' }, query)
  }
  const vault = await shared
  refused(t, await vault.get(path), 400, parameterMissing('query'))
  refused(t, await search('name:null', { starting_after: 'cus_x' }), 400, parameterUnknown('starting_after'))
  t.match((await search(`name:"${'x'.repeat(5000)}"`)).body, { error: { param: 'query' } })
  t.match((await search('')).body, { error: { code: 'parameter_invalid_empty', param: 'query' } })
  refused(t, await vault.post(path), 404, noSuch('customer', 'search', 'id'))
})

t.test('any text is either a query or a refusal, read in no time', async (t) => {
  const bits = [
    'name',
    'email',
    'metadata',
    'created',
    '["',
    '"]',
    ':',
    '~',
    '>=',
    '"',
    "'",
    '\\',
    ' ',
    'AND',
    'OR',
    '-',
    'null',
    '1',
    'é',
    '%',
    "';--",
    '$1',
    '(',
    '\u0301'
  ]
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60, minLength: 1 }),
    fc.array(fc.constantFrom(...bits), { maxLength: 20, minLength: 1 }).map((parts) => parts.join(''))
  )
  await fc.assert(
    fc.asyncProperty(text, async (query) => {
      const { status } = await search(query)
      return status === 200 || status === 400
    }),
    { numRuns: 150 }
  )
  for (const long of ['"', '\\', ' ', '-', 'a', '[', 'name:"\\', 'metadata["', 'null ', "'"]) {
    const begin = performance.now()
    try {
      parseSearchQuery(long.repeat(5000))
    } catch {
      // Only the time counts.
    }
    t.ok(performance.now() - begin < 100, long)
  }
})

t.test('a value finds exactly those that have it, whatever is in it', async (t) => {
  const characters = fc.oneof(
    fc.constantFrom(...Array.from(`'"\\%_$;-:~()[]{} \t,/*|&!`)),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 })
  )
  const value = fc
    .array(characters, { minLength: 1, maxLength: 30 })
    .map((parts) => parts.join(''))
    .filter((text) => /\S/.test(text) && !/\0|\p{Surrogate}/u.test(text))
  const vault = await shared
  await fc.assert(
    fc.asyncProperty(value, fc.constantFrom('"', "'"), async (text, mark) => {
      const key = newKey()
      const [id, other] = [
        await create({ name: `${key} ${text}`, email: text, metadata: { [key]: text, theirs: text } }),
        await create({ name: `${key} x${text}`, email: `x${text}`, metadata: { [key]: `x${text}` } })
      ]
      const has = `-metadata["${key}"]:null`
      const same = [
        `metadata["${key}"]:${quoted(text, mark)}`,
        `${has} name:${quoted(`${key} ${text}`, mark)}`,
        `${has} email:${quoted(text, mark)} metadata["theirs"]:${quoted(text, mark)}`
      ]
      for (const query of same) t.same(await found(query), [id], query)
      t.same(await found(`${has} -metadata["${key}"]:${quoted(text, mark)}`), [other], text)
      if (Array.from(text.trim()).length >= 3) {
        t.same(await found(`${has} email~${quoted(text.trim(), mark)}`), [id, other].sort(), text)
      }
    }),
    { numRuns: 25 }
  )
  t.equal((await vault.db.pool.query('select 1 from payment_vault.customers limit 1')).rowCount, 1)
})

t.test('addresses that grow when folded can be kept and found', async (t) => {
  // Three bytes each, and six once it has one case: more than an index takes, if it could not be made smaller.
  const growing = Array.from('\u1fb7\u1fc7\u1ff7\u1f52\u1f54\u1f56')
  const email = Array.from({ length: 512 }, () => growing[randomInt(growing.length)]).join('')
  const id = await create({ email })
  t.same(await found(`email:${quoted(email)}`), [id])
})

t.test('a search that takes too long is refused, not run to its end', async (t) => {
  refused(t, await slow, 400, {
    message:
      'This search takes too long. Add a clause that leaves fewer customers to look at, such as an exact match or a lower bound of `created`.',
    param: 'query'
  })
})
