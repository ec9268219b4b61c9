import t from 'tap'
import { newId } from '../../../src/protocol/values/ids'
import { noSuch, parameterUnknown, part, refused } from '../../helpers/document/bodies'
import { type Json, type Reply, startVault, type TestVault } from '../../helpers/vault'

const shared = startVault(t)

/** A customer and, the newest first, the ids of what they have. */
async function customerWith(vault: TestVault, count: number): Promise<{ customer: string; ids: string[] }> {
  const customer = String((await vault.post('/v1/customers')).body.id)
  const ids: string[] = []
  while (ids.length < count) ids.unshift(await attachNew(vault, customer))
  return { customer, ids }
}

async function attachNew(vault: TestVault, customer: string): Promise<string> {
  const { body } = await vault.post('/v1/payment_methods/pm_card_visa/attach', { customer })
  return String(body.id)
}

/** The same row under other ids: one second, one owner. */
async function twins(
  vault: TestVault,
  table: 'customers' | 'payment_methods',
  of: string,
  ids: string[]
): Promise<void> {
  await vault.db.pool.query(
    `insert into payment_vault.${table}
     select (jsonb_populate_record(r, jsonb_build_object('id', twin))).*
     from payment_vault.${table} r, unnest($2::text[]) twin where r.id = $1`,
    [of, ids]
  )
}

const idsOf = ({ body }: Reply): string[] => (body.data as { id: string }[]).map(({ id }) => id)

/** What a page shows: the ids, and whether there are more. */
const page = (reply: Reply): unknown => [idsOf(reply), reply.body.has_more]

t.test('a list is four keys, and of nobody it is empty', async (t) => {
  const vault = await shared
  const empty = `{
  "object": "list",
  "data": [],
  "has_more": false,
  "url": "/v1/payment_methods"
}`
  await customerWith(vault, 1)
  t.equal((await vault.get('/v1/payment_methods')).text, empty, 'without a customer')
  t.equal((await vault.get('/v1/payment_methods', { type: 'card', limit: 3 })).text, empty)
  const { customer } = await customerWith(vault, 0)
  t.equal((await vault.get('/v1/payment_methods', { customer })).text, empty)
  const path = `/v1/customers/${customer}/payment_methods`
  t.equal((await vault.get(path)).text, empty.replace('/v1/payment_methods', path))
})

t.test('a customer’s payment methods, by either call', async (t) => {
  const vault = await shared
  const { customer, ids } = await customerWith(vault, 3)
  await customerWith(vault, 1)
  const path = `/v1/customers/${customer}/payment_methods`
  const [byQuery, byPath] = [await vault.get('/v1/payment_methods', { customer }), await vault.get(path)]
  t.same(page(byQuery), [ids, false], 'newest first')
  t.same(byPath.body, { ...byQuery.body, url: path })
  t.same(
    byQuery.body.data,
    await Promise.all(ids.map(async (id) => (await vault.get(`/v1/payment_methods/${id}`)).body)),
    'each is what a retrieve answers'
  )
  for (const [id, index] of ids.map((id, index) => [id, index] as const)) {
    t.same((await vault.get(`${path}/${id}`)).body, part(byQuery.body, `data.${index}`))
  }
})

t.test('one of a customer’s: nobody else’s', async (t) => {
  const vault = await shared
  const { customer, ids } = await customerWith(vault, 1)
  const another = await customerWith(vault, 1)
  const [own = '', others = ''] = [ids[0], another.ids[0]]
  const detached = await attachNew(vault, customer)
  await vault.post(`/v1/payment_methods/${detached}/detach`)
  const free = String((await vault.get('/v1/payment_methods/pm_card_visa')).body.id)
  const get = (whose: string, id: string) => vault.get(`/v1/customers/${whose}/payment_methods/${id}`)

  t.match((await get(customer, own)).body, { id: own, customer })
  for (const id of [others, detached, free, 'pm_none', 'pm_card_visa', customer]) {
    refused(t, await get(customer, id), 404, noSuch('PaymentMethod', id, 'payment_method'))
  }
  refused(t, await get('cus_none', own), 404, noSuch('customer', 'cus_none', 'id'))
})

t.test('of an unknown customer there is no list', async (t) => {
  const vault = await shared
  for (const id of ['cus_none', 'pm_none']) {
    const byQuery = await vault.get('/v1/payment_methods', { customer: id })
    refused(t, byQuery, 400, noSuch('customer', id, 'customer'))
    refused(t, await vault.get(`/v1/customers/${id}/payment_methods`), 404, noSuch('customer', id, 'id'))
  }
  refused(t, await vault.get('/v1/payment_methods', { customer_account: 'acct_none' }), 400, {
    ...noSuch('customer_account', 'acct_none', 'customer_account')
  })
})

t.test('the limit is 10, and clamped to 1 and 100', async (t) => {
  const vault = await shared
  const { customer, ids } = await customerWith(vault, 1)
  await twins(
    vault,
    'payment_methods',
    ids[0] ?? '',
    Array.from({ length: 100 }, () => newId('pm'))
  )
  const shown: [limit: number | undefined, count: number][] = [
    [undefined, 10],
    [-1, 1],
    [0, 1],
    [1, 1],
    [2, 2],
    [100, 100],
    [101, 100],
    [1000, 100]
  ]
  for (const [limit, count] of shown) {
    const reply = await vault.get('/v1/payment_methods', { customer, ...(limit !== undefined && { limit }) })
    t.same([idsOf(reply).length, reply.body.has_more], [count, true], `limit ${String(limit)}`)
  }
  for (const limit of ['many', '1.5']) {
    refused(t, await vault.get('/v1/payment_methods', { customer, limit }), 400, {
      code: 'parameter_invalid_integer',
      message: `Invalid integer: ${limit}`,
      param: 'limit'
    })
  }
})

t.test('cursors page both ways, newest first', async (t) => {
  const vault = await shared
  const { customer, ids } = await customerWith(vault, 7)
  const get = async (params: Json) => page(await vault.get('/v1/payment_methods', { customer, ...params }))
  const after = (index: number, limit = 3) => get({ limit, starting_after: ids[index] })
  const before = (index: number, limit = 3) => get({ limit, ending_before: ids[index] })

  t.same(await get({ limit: 3 }), [ids.slice(0, 3), true])
  t.same(await after(2), [ids.slice(3, 6), true])
  t.same(await after(3), [ids.slice(4, 7), false])
  t.same(await after(5), [ids.slice(6), false])
  t.same(await after(6), [[], false])
  t.same(await before(6), [ids.slice(3, 6), true])
  t.same(await before(3), [ids.slice(0, 3), false])
  t.same(await before(2), [ids.slice(0, 2), false])
  t.same(await before(0), [[], false])
  t.same(await before(6, 100), [ids.slice(0, 6), false])
})

t.test('refuses cursors', async (t) => {
  const vault = await shared
  const { customer, ids } = await customerWith(vault, 2)
  const [newer = '', older = ''] = ids
  const another = (await customerWith(vault, 1)).ids[0] ?? ''
  const detached = await attachNew(vault, customer)
  await vault.post(`/v1/payment_methods/${detached}/detach`)
  const both = 'Received both starting_after and ending_before parameters. Please pass in only one.'
  for (const path of ['/v1/payment_methods', `/v1/customers/${customer}/payment_methods`]) {
    const get = (params: Json) =>
      vault.get(path, { ...(path === '/v1/payment_methods' && { customer }), ...params })
    refused(t, await get({ starting_after: older, ending_before: newer }), 400, { message: both })
    for (const id of ['pm_none', another, detached, customer, 'pm_card_visa']) {
      for (const cursor of ['starting_after', 'ending_before']) {
        refused(t, await get({ [cursor]: id }), 400, noSuch('PaymentMethod', id, cursor))
      }
    }
    const first = noSuch('PaymentMethod', 'pm_none', 'ending_before')
    refused(t, await get({ starting_after: older, ending_before: 'pm_none' }), 400, first)
  }
  const customers = (params: Json) => vault.get('/v1/customers', params)
  const second = String((await vault.post('/v1/customers')).body.id)
  refused(t, await customers({ starting_after: customer, ending_before: second }), 400, { message: both })
  const missing = noSuch('customer', 'cus_none', 'starting_after')
  refused(t, await customers({ starting_after: 'cus_none', ending_before: second }), 400, missing)
  await vault.del(`/v1/customers/${second}`)
  refused(t, await customers({ ending_before: second }), 400, noSuch('customer', second, 'ending_before'))
})

t.test('filters payment methods by type and by how they may be shown again', async (t) => {
  const vault = await shared
  const { customer, ids } = await customerWith(vault, 6)
  const [a = '', , c = '', , e = ''] = ids
  for (const id of [a, c, e]) await vault.post(`/v1/payment_methods/${id}`, { allow_redisplay: 'always' })
  const get = async (params: Json) => page(await vault.get('/v1/payment_methods', { customer, ...params }))
  const always = { allow_redisplay: 'always' }
  t.same(await get({ type: 'card' }), [ids, false])
  t.same(await get({ type: 'us_bank_account' }), [[], false])
  t.same(await get(always), [[a, c, e], false])
  t.same(await get({ ...always, type: 'card', limit: 2 }), [[a, c], true])
  t.same(await get({ ...always, limit: 1, starting_after: ids[1] }), [[c], true])
  t.same(await get({ ...always, limit: 1, ending_before: e }), [[c], true])
  t.same(await get({ allow_redisplay: 'limited' }), [[], false])
  const byPath = await vault.get(`/v1/customers/${customer}/payment_methods`, always)
  t.same(page(byPath), [[a, c, e], false])
  const wrong = await vault.get('/v1/payment_methods', { customer, allow_redisplay: 'never' })
  t.match(wrong.body.error, { param: 'allow_redisplay' })
})

t.test('lists customers by time and e-mail', async (t) => {
  const vault = await startVault(t)
  const ids: string[] = []
  for (const second of [100, 101, 102, 103, 104]) {
    const { body } = await vault.post('/v1/customers', {
      email: second % 2 ? 'odd@example.com' : 'even@example.com'
    })
    ids.unshift(String(body.id))
    await vault.db.pool.query('update payment_vault.customers set created = $2 where id = $1', [
      body.id,
      second
    ])
  }
  const get = async (params: Json | string) => page(await vault.get('/v1/customers', params))
  t.same((await vault.get('/v1/customers')).body.url, '/v1/customers')
  t.same(await get({}), [ids, false])

  const filters: [created: unknown, from: number, to: number][] = [
    [102, 2, 3],
    [99, 0, 0],
    [{ gt: 102 }, 0, 2],
    [{ gte: 102 }, 0, 3],
    [{ lt: 102 }, 3, 5],
    [{ lte: 102 }, 2, 5],
    [{ gt: 100, lt: 104 }, 1, 4],
    [{ gte: 101, lte: 103, gt: 101 }, 1, 3],
    [{ gt: 104 }, 0, 0],
    [{ gt: 9007199254740991 }, 0, 0],
    [{ lt: -9007199254740991 }, 0, 0],
    [{ gt: -1, lt: 9007199254740991 }, 0, 5]
  ]
  for (const [created, from, to] of filters) {
    t.same(await get({ created }), [ids.slice(from, to), false], JSON.stringify(created))
  }
  t.same(await get({ created: { gte: 101 }, limit: 2, starting_after: ids[0] }), [ids.slice(1, 3), true])
  t.same(await get({ created: { lte: 103 }, limit: 2, ending_before: ids[4] }), [ids.slice(2, 4), true])
  t.same(await get({ created: { lte: 101 }, limit: 2, ending_before: ids[4] }), [[ids[3]], false])

  const odd = [ids[1], ids[3]]
  t.same(await get({ email: 'odd@example.com' }), [odd, false])
  t.same(await get({ email: 'ODD@example.com' }), [[], false], 'in this spelling')
  t.same(await get({ email: 'odd@example.com', limit: 1, starting_after: ids[1] }), [[ids[3]], false])
  t.same(await get({ email: 'even@example.com', limit: 1, ending_before: ids[4] }), [[ids[2]], true])
  t.same(await get({ email: 'odd@example.com', created: { gt: 102 } }), [[ids[1]], false])

  for (const query of ['created[gt]=102', 'created%5Bgt%5D=102', 'created%5bgt%5d=102&']) {
    t.same(await get(query), [ids.slice(0, 2), false], query)
  }
  refused(
    t,
    await vault.get('/v1/customers', { created: { after: 1 } }),
    400,
    parameterUnknown('created[after]')
  )
  refused(t, await vault.get('/v1/customers', { created: 'now' }), 400, {
    code: 'parameter_invalid_integer',
    message: 'Invalid integer: now',
    param: 'created'
  })
})

t.test('among those of one second, a page neither repeats nor leaves out', async (t) => {
  const vault = await startVault(t)
  const { customer, ids } = await customerWith(vault, 1)
  const lists = [
    { table: 'customers', prefix: 'cus', path: '/v1/customers', of: customer },
    {
      table: 'payment_methods',
      prefix: 'pm',
      path: `/v1/customers/${customer}/payment_methods`,
      of: ids[0] ?? ''
    }
  ] as const
  for (const { table, prefix, path, of } of lists) {
    // Ids of any age, so that some that come in later stand behind the cursor and some before it.
    const anyTime = () => newId(prefix, Math.floor(Math.random() * 2e12))
    await twins(vault, table, of, Array.from({ length: 60 }, anyTime))
    const atStart = idsOf(await vault.get(path, { limit: 100 }))
    t.equal(atStart.length, 61)
    for (const forward of [true, false]) {
      const inserting = (async () => {
        for (let i = 0; i < 100; i++) await twins(vault, table, of, [anyTime()])
      })()
      const seen: string[] = []
      let cursor: Json = forward ? {} : { ending_before: atStart.at(-1) }
      for (let more = true; more;) {
        const reply = await vault.get(path, { limit: 7, ...cursor })
        const shown = idsOf(reply)
        seen.push(...shown)
        cursor = forward ? { starting_after: shown.at(-1) } : { ending_before: shown[0] }
        more = reply.body.has_more as boolean
      }
      await inserting
      if (!forward) seen.push(atStart.at(-1) ?? '')
      const name = `${table} ${forward ? 'forwards' : 'backwards'}`
      t.equal(new Set(seen).size, seen.length, `${name}: none twice`)
      t.same(
        atStart.filter((id) => !seen.includes(id)),
        [],
        `${name}: none left out of those that were there`
      )
      t.ok(seen.length > atStart.length, `${name}: and others came in meanwhile`)
    }
  }
})

t.test('expands an id to what a retrieve of it answers', async (t) => {
  const vault = await shared
  const customer = String((await vault.post('/v1/customers', { name: 'Jenny' })).body.id)
  const own = await attachNew(vault, customer)
  await vault.post(`/v1/customers/${customer}`, { invoice_settings: { default_payment_method: own } })
  const wholeCustomer = (await vault.get(`/v1/customers/${customer}`)).body
  const wholeOwn = (await vault.get(`/v1/payment_methods/${own}`)).body
  const free = String((await vault.get('/v1/payment_methods/pm_card_visa')).body.id)

  const pathOf = { own: `/v1/payment_methods/${own}`, customer: `/v1/customers/${customer}` }
  const toCustomer = { expand: ['customer'] }
  const expandedOwn = { ...wholeOwn, customer: wholeCustomer }
  t.same((await vault.get(pathOf.own, toCustomer)).body, expandedOwn, 'retrieve')
  t.same((await vault.post(pathOf.own, toCustomer)).body, expandedOwn, 'update')
  t.same(
    (await vault.post(`${pathOf.own}/attach`, { customer, ...toCustomer })).body,
    expandedOwn,
    'attach again'
  )
  t.same((await vault.get(`${pathOf.customer}/payment_methods/${own}`, toCustomer)).body, expandedOwn)
  const first = await vault.post(`/v1/payment_methods/${free}/attach`, { customer, ...toCustomer })
  t.same(first.body.customer, wholeCustomer, 'attach')
  const sharedOne = await vault.post('/v1/payment_methods/pm_card_visa/attach', { customer, ...toCustomer })
  t.same(sharedOne.body.customer, wholeCustomer, 'attach of a shared id')
  const detached = await vault.post(`/v1/payment_methods/${free}/detach`, toCustomer)
  t.equal(detached.body.customer, null, 'detach: there is none')
  const created = await vault.post('/v1/payment_methods', {
    type: 'card',
    card: { token: 'tok_visa' },
    ...toCustomer
  })
  t.equal(created.body.customer, null, 'create: there is none yet')

  for (const path of ['/v1/payment_methods', `${pathOf.customer}/payment_methods`]) {
    const whose = path === '/v1/payment_methods' ? { customer } : {}
    const { body } = await vault.get(path, { ...whose, expand: ['data.customer'] })
    t.same(
      (body.data as Json[]).map((each) => each.customer as unknown),
      [wholeCustomer, wholeCustomer],
      path
    )
    const all = await vault.get(path, { ...whose, expand: ['data'] })
    t.same(all.body, (await vault.get(path, whose)).body, 'data itself is there already')
  }

  const toDefault = { expand: ['invoice_settings.default_payment_method'] }
  const withDefault = {
    ...wholeCustomer,
    invoice_settings: { ...(wholeCustomer.invoice_settings as Json), default_payment_method: wholeOwn }
  }
  t.same((await vault.get(pathOf.customer, toDefault)).body, withDefault, 'retrieve')
  t.same((await vault.post(pathOf.customer, toDefault)).body, withDefault, 'update')
  const made = await vault.post('/v1/customers', {
    payment_method: 'pm_card_visa',
    invoice_settings: { default_payment_method: 'pm_card_visa' },
    ...toDefault
  })
  t.match(part(made.body, 'invoice_settings.default_payment_method'), {
    object: 'payment_method',
    customer: made.body.id as string
  })
  const list = await vault.get('/v1/customers', { expand: ['data.invoice_settings.default_payment_method'] })
  const listed = (list.body.data as Json[]).find((each) => each.id === customer)
  t.same(listed, withDefault)
})

t.test('expands four levels deep, several paths at once, and no deeper', async (t) => {
  const vault = await shared
  const { customer, ids } = await customerWith(vault, 1)
  const own = ids[0] ?? ''
  await vault.post(`/v1/customers/${customer}`, { invoice_settings: { default_payment_method: own } })
  const four = 'customer.invoice_settings.default_payment_method.customer'
  const { body } = await vault.get(`/v1/payment_methods/${own}`, {
    expand: ['customer', 'customer.tax_ids', four]
  })
  const inner = part(body, 'customer.invoice_settings.default_payment_method')
  t.match(inner, { id: own, customer: { id: customer, object: 'customer' } })
  t.equal(part(inner, 'customer.invoice_settings.default_payment_method'), own, 'and there it ends')
  t.match(part(body, 'customer.tax_ids'), { object: 'list' })
  const list = await vault.get('/v1/payment_methods', {
    customer,
    expand: ['data.customer.invoice_settings.default_payment_method']
  })
  t.match(part(list.body, 'data.0.customer.invoice_settings.default_payment_method'), { id: own, customer })

  const tooDeep = (path: string) => ({
    message: `You cannot expand more than 4 levels of a property. Property: ${path}`
  })
  refused(
    t,
    await vault.get(`/v1/payment_methods/${own}`, { expand: [`${four}.tax`] }),
    400,
    tooDeep(`${four}.tax`)
  )
  refused(
    t,
    await vault.get('/v1/payment_methods', { customer, expand: [`data.${four}`] }),
    400,
    tooDeep(`data.${four}`)
  )
})

t.test('shows what is there only when it is asked for', async (t) => {
  const vault = await shared
  const { customer } = await customerWith(vault, 0)
  const path = `/v1/customers/${customer}`
  const lists = ['sources', 'subscriptions', 'tax_ids']
  const empty = (name: string) => ({ object: 'list', data: [], has_more: false, url: `${path}/${name}` })
  const plain = (await vault.get(path)).body
  const { body, text } = await vault.get(path, {
    expand: [...lists, 'cash_balance', 'tax', 'default_source', 'test_clock']
  })
  t.same(body, {
    ...plain,
    ...Object.fromEntries(lists.map((name) => [name, empty(name)])),
    cash_balance: null,
    tax: { automatic_tax: 'unrecognized_location', ip_address: null, location: null }
  })
  const keys = Object.keys(JSON.parse(text) as Json)
  t.same(keys, ['id', 'object', ...keys.slice(2).sort()], 'in the wire’s order')
})

t.test('refuses to expand anything else, before it looks anything up', async (t) => {
  const vault = await shared
  const { customer, ids } = await customerWith(vault, 1)
  const own = ids[0] ?? ''
  const not = (path: string) => ({ message: `This property cannot be expanded (${path}).` })
  const hint = (path: string) => ({
    message: `This property cannot be expanded (${path}). You may want to try expanding 'data.${path}' instead.`
  })
  const objects = [
    'bogus',
    'id',
    'card',
    'customer.bogus',
    'customer.tax.location',
    'data.customer',
    '.',
    'constructor'
  ]
  for (const path of ['/v1/payment_methods/pm_none', `/v1/payment_methods/${own}`]) {
    for (const expand of objects) refused(t, await vault.get(path, { expand: [expand] }), 400, not(expand))
  }
  for (const method of ['attach', 'detach', '']) {
    const path = `/v1/payment_methods/pm_none/${method}`.replace(/\/$/, '')
    const params = { expand: ['bogus'], ...(method === 'attach' && { customer: 'cus_none' }) }
    refused(t, await vault.post(path, params), 400, not('bogus'), path)
  }
  const card = { token: 'tok_visa' }
  refused(
    t,
    await vault.post('/v1/payment_methods', { type: 'card', card, expand: ['bogus'] }),
    400,
    not('bogus')
  )
  refused(t, await vault.post('/v1/customers', { expand: ['customer'] }), 400, not('customer'))
  refused(t, await vault.post('/v1/customers/cus_none', { expand: ['default'] }), 400, not('default'))
  refused(
    t,
    await vault.get('/v1/customers/cus_none', { expand: ['invoice_settings'] }),
    400,
    not('invoice_settings')
  )

  for (const path of ['/v1/payment_methods', '/v1/customers', '/v1/customers/cus_none/payment_methods']) {
    const whose = path === '/v1/payment_methods' ? { customer: 'cus_none' } : {}
    const query = (expand: string) => vault.get(path, { ...whose, expand: [expand] })
    for (const expand of ['bogus', 'customer', 'has_more']) {
      refused(t, await query(expand), 400, hint(expand), `${path} ${expand}`)
    }
    refused(t, await query('data.bogus'), 400, not('data.bogus'))
  }
  refused(
    t,
    await vault.del(`/v1/customers/${customer}`, { params: { expand: ['tax'] } }),
    400,
    parameterUnknown('expand')
  )
  for (const query of ['expand[a]=customer', 'expand[0]=customer&expand[a]=b']) {
    refused(t, await vault.get(`/v1/payment_methods/${own}`, query), 400, {
      message: 'Invalid array',
      param: 'expand'
    })
  }
})

t.test('a list in a query may be its name once for each value, as OpenAPI has it', async (t) => {
  const vault = await shared
  const { customer } = await customerWith(vault, 1)
  const path = `/v1/customers/${customer}`
  for (const query of ['expand=sources&expand=tax_ids', 'exp%61nd=sources&expand=tax%5Fids&expand=tax_ids']) {
    t.match((await vault.get(path, query)).body, { sources: { object: 'list' }, tax_ids: { object: 'list' } })
  }
  t.match((await vault.get(path, 'expand=sources')).body, { sources: { object: 'list' }, tax_ids: undefined })

  for (const query of ['expand=', 'expand=sources&expand=']) {
    const { error } = (await vault.get(path, query)).body as { error: Json }
    t.same([error.code, error.param], ['parameter_invalid_empty', 'expand'])
  }
  t.equal((await vault.get(path, 'expand=sources&expand[]=tax_ids')).status, 400, 'both ways at once')
  const scalar = await vault.get(`${path}/payment_methods`, 'limit=x&limit=1')
  t.equal(scalar.status, 200, 'of anything else the last value counts')
  refused(t, await vault.post(path, 'expand=sources&expand=tax_ids'), 400, {
    message: 'Invalid array',
    param: 'expand'
  })
})

t.test('brackets of a query may be encoded or not', async (t) => {
  const vault = await shared
  const { customer } = await customerWith(vault, 1)
  const path = `/v1/customers/${customer}/payment_methods`
  for (const name of [
    'expand',
    'expand[]',
    'expand%5B%5D',
    'expand%5b%5d',
    'expand[0]',
    'expand%5B0%5D',
    'expand[7]'
  ]) {
    const { status, body } = await vault.get(path, `limit=1&${name}=data.customer`)
    t.equal(status, 200, name)
    t.match(part(body, 'data.0.customer'), { id: customer }, name)
  }
})
