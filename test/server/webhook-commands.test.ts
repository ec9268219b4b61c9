import { join } from 'node:path'
import Stripe from 'stripe'
import t, { type Test } from 'tap'
import { readCommand } from '../../src/cli/arguments'
import { readSettings } from '../../src/server/settings'
import { type Cli, type Finished, launch, newFolder, runCli, startCli, until } from '../helpers/server/cli'
import { databaseUrl, onServer } from '../helpers/database/cluster'
import { newDatabase } from '../helpers/database/database'
import { type Received, type Receiver, startReceiver } from '../helpers/webhooks/receiver'
import { fingerprintKey } from '../helpers/vault'

t.setTimeout(300_000)

const { webhooks } = new Stripe('sk_test_none')
const signatureOf = ({ headers }: Received) => String(headers['stripe-signature'])
const idsOf = ({ got }: Receiver) => got.map(({ id }) => id)

/** Whether the official SDK takes it for the secret's owner's. */
const accepts = (got: Received, secret: string): boolean => {
  try {
    return webhooks.constructEvent(got.text, signatureOf(got), secret).id === got.id
  } catch {
    return false
  }
}

type EventTypes = Stripe.WebhookEndpointCreateParams.EnabledEvent[]

const refused = ({ code, stdout, stderr }: Finished) => ({ code, stdout, lines: stderr.split('\n').length })
const oneSentence = { code: 1, stdout: '', lines: 2 }

t.test('beside a server that sends no webhooks itself', { timeout: 300_000 }, async (t) => {
  const { url: DATABASE_URL, pool } = await newDatabase(t)
  const PAYMENT_VAULT_DATA = join(await newFolder(t), 'none')
  const keyless = { DATABASE_URL, PAYMENT_VAULT_DATA }
  const settings = { ...keyless, PAYMENT_VAULT_FINGERPRINT_KEY: fingerprintKey }
  const server = await startCli(t, { ...settings, PAYMENT_VAULT_DELIVER_WEBHOOKS: 'false' })
  const stripe = new Stripe(server.key, {
    host: '127.0.0.1',
    port: Number(new URL(server.url).port),
    protocol: 'http',
    telemetry: false,
    maxNetworkRetries: 0
  })
  const account =
    (await pool.query<{ id: string }>('select id from payment_vault.accounts')).rows[0]?.id ?? ''

  const database =
    (await pool.query<{ name: string }>('select current_database() as name')).rows[0]?.name ?? ''

  const run = (...args: string[]) => runCli(args, settings)
  const stop = (cli: Cli, signal: NodeJS.Signals) => {
    cli.node.kill(signal)
    return cli.finished
  }
  /** Starts a command that goes on, and waits until it has said this. */
  const start = async (t: Test, said: (cli: Cli) => boolean, ...args: string[]): Promise<Cli> => {
    const cli = await launch(args, settings)
    t.teardown(() => stop(cli, 'SIGKILL'))
    if (!(await until(() => said(cli) || cli.node.exitCode !== null)) || cli.node.exitCode !== null)
      throw new Error(`${args.join(' ')} did not start: ${cli.stderr}`)
    return cli
  }
  const startDeliver = (t: Test) => start(t, ({ stderr }) => /Delivering .*\n/.test(stderr), 'deliver')
  const startListen = async (t: Test, { port }: { port: number }, ...more: string[]) => {
    const to = `localhost:${port}/hooks?a=b`
    const cli = await start(t, ({ stdout }) => stdout.includes('\n'), 'listen', '--forward-to', to, ...more)
    /** What stands behind the signing secret. */
    const lines = () => cli.stdout.trimEnd().split('\n').slice(1)
    return Object.assign(cli, { secret: cli.stdout.split('\n', 1)[0] ?? '', lines })
  }
  const newEndpoint = async (t: Test, { url }: Receiver, ...enabled_events: EventTypes) => {
    const made = await stripe.webhookEndpoints.create({ url, enabled_events })
    t.teardown(() => stripe.webhookEndpoints.del(made.id))
    return made
  }
  const listeners = async () => {
    const found = await pool.query<{ id: string }>(
      'select id from payment_vault.webhook_endpoints where listens_until is not null order by created, id'
    )
    return found.rows.map(({ id }) => id)
  }
  const eventOf = async (customer: Promise<Stripe.Customer>): Promise<string> => {
    const { id } = await customer
    const found = await pool.query<{ id: string }>(
      "select id from payment_vault.events where type = 'customer.created' and object ->> 'id' = $1",
      [id]
    )
    return found.rows[0]?.id ?? ''
  }
  const newEvent = () => eventOf(stripe.customers.create({}))
  const deliveriesOf = async (event: string) => {
    const found = await pool.query<{ endpoint_id: string; state: string; attempts: number }>(
      'select endpoint_id, state, attempts from payment_vault.webhook_deliveries where event_id = $1',
      [event]
    )
    return found.rows
  }
  const stateOf = async (event: string) => (await deliveriesOf(event)).map(({ state }) => state).join()

  await t.test('listen prints the secret, then a line for each event that it passed on', async (t) => {
    const paths: unknown[] = []
    const receiver = await startReceiver(t, (response, _number, { url }) => {
      paths.push(url)
      response.end()
    })
    const missed = await newEvent()
    const cli = await startListen(t, receiver)
    t.match(cli.secret, /^whsec_\w{32}$/)
    const customer = await stripe.customers.create({ name: 'Żółć' })
    t.ok(await until(() => cli.lines().length === 1))
    const [got] = receiver.got
    t.match(got && webhooks.constructEvent(got.text, signatureOf(got), cli.secret), {
      type: 'customer.created',
      data: { object: { id: customer.id, name: 'Żółć' } }
    })
    t.match(
      cli.lines()[0],
      new RegExp(`^\\d\\d(:\\d\\d){2}  customer\\.created  ${got?.id ?? ''}  200  \\d+ ms$`)
    )
    t.same(paths, ['/hooks?a=b'])
    await stripe.customers.del(customer.id)
    t.ok(await until(() => cli.lines().length === 2))
    t.match(cli.lines()[1], / {2}customer\.deleted {2}/)

    t.same((await listeners()).length, 1)
    const { code, stderr } = await stop(cli, 'SIGINT')
    t.equal(code, 0)
    t.equal(
      stderr,
      `Forwarding events to http://localhost:${receiver.port}/hooks?a=b. Press Ctrl-C to stop. The signing secret:\n`
    )
    t.same(await listeners(), [])
    t.same(receiver.got.length, 2)
    t.notOk(idsOf(receiver).includes(missed), 'nobody listened')
    t.same(await deliveriesOf(missed), [])
  })

  await t.test('the secret is the account’s in that mode, whoever listens and whenever', async (t) => {
    const [one, two] = [await startReceiver(t), await startReceiver(t)]
    const [first, second, live] = await Promise.all([
      startListen(t, one),
      startListen(t, two, '--account', account),
      startListen(t, two, '--live')
    ])
    t.equal(first.secret, second.secret)
    t.not(first.secret, live.secret)
    const event = await newEvent()
    t.ok(await until(() => first.lines().length === 1 && second.lines().length === 1))
    t.same([idsOf(one), idsOf(two)], [[event], [event]])
    t.ok([...one.got, ...two.got].every((got) => accepts(got, first.secret)))
    t.same(live.lines(), [])
    t.equal((await stop(first, 'SIGTERM')).code, 0)
    t.equal((await listeners()).length, 2, 'the others stay')
    const later = await newEvent()
    t.ok(await until(() => second.lines().length === 2))
    t.same([idsOf(one), idsOf(two)], [[event], [event, later]])
    const [again] = await Promise.all([startListen(t, one), stop(second, 'SIGINT'), stop(live, 'SIGINT')])
    t.equal(again.secret, first.secret)
    await stop(again, 'SIGINT')
    t.same(await listeners(), [])
  })

  await t.test('what was not taken is shown, and not sent again unless asked for', async (t) => {
    let status = 500
    const receiver = await startReceiver(t, (response) => response.writeHead(status).end())
    const cli = await startListen(t, receiver)
    const failed = await newEvent()
    t.ok(await until(() => cli.lines().length === 1))
    t.match(cli.lines()[0], new RegExp(`  ${failed}  500  \\d+ ms$`))
    t.ok(await until(async () => (await stateOf(failed)) === 'failed'))
    status = 410
    await newEvent()
    t.ok(await until(() => cli.lines().length === 2))
    t.match(cli.lines()[1], / {2}410 {2}\d+ ms$/)
    status = 204
    const later = await newEvent()
    t.ok(await until(() => cli.lines().length === 3))
    t.match(cli.lines()[2], new RegExp(`  ${later}  204  \\d+ ms$`))
    t.equal(receiver.got.length, 3)

    t.match(await run('events', 'resend', failed), {
      code: 0,
      stdout: `${failed} (customer.created) is due for http://localhost:${receiver.port}/hooks?a=b.\n`
    })
    t.ok(await until(() => cli.lines().length === 4))
    t.match(cli.lines()[3], new RegExp(`  ${failed}  204  `))
    receiver.close()
    await newEvent()
    t.ok(await until(() => cli.lines().length === 5))
    t.match(cli.lines()[4], / {2}connection_refused {2}\d+ ms$/)
    const { code, stderr } = await stop(cli, 'SIGINT')
    t.same([code, stderr.split('\n').length], [0, 2], 'the lines say it all')
  })

  await t.test('--events narrows', async (t) => {
    const receiver = await startReceiver(t)
    const cli = await startListen(t, receiver, '--events', 'customer.updated,customer.deleted')
    const { id } = await stripe.customers.create({})
    await stripe.customers.update(id, { name: 'New' })
    await stripe.customers.del(id)
    t.ok(await until(() => cli.lines().length === 2))
    t.same(receiver.got.map(({ text }) => (JSON.parse(text) as Stripe.Event).type).sort(), [
      'customer.deleted',
      'customer.updated'
    ])
    await stop(cli, 'SIGINT')
  })

  await t.test('one that was killed is forgotten after its minute, and removed by the next', async (t) => {
    const receiver = await startReceiver(t)
    const killed = await startListen(t, receiver)
    const [row] = await listeners()
    await stop(killed, 'SIGKILL')
    const soon = await newEvent()
    t.match(await deliveriesOf(soon), [{ endpoint_id: row, state: 'pending' }])
    await pool.query('update payment_vault.webhook_endpoints set listens_until = 1 where id = $1', [row])
    t.same(await deliveriesOf(await newEvent()), [])
    const next = await startListen(t, receiver)
    const left = await listeners()
    t.equal(left.length, 1)
    t.not(left[0], row)
    const event = await newEvent()
    t.ok(await until(() => next.lines().length === 1))
    t.same(idsOf(receiver), [event], 'what was meant for the other one is not sent to it')
    await stop(next, 'SIGINT')
  })

  await t.test('listen refuses in one sentence what cannot be listened to', async (t) => {
    const listen = ['listen', '--forward-to', 'localhost:1']
    const [type, keys, nobody, url] = await Promise.all([
      run(...listen, '--events', 'customer.created,customer.nope'),
      runCli(listen, keyless),
      run(...listen, '--account', 'acct_nope'),
      run('listen', '--forward-to', 'http://')
    ])
    t.match(type.stderr, /^There is no event type "customer\.nope"\.\n$/)
    t.match(keys.stderr, /^Set PAYMENT_VAULT_FINGERPRINT_KEY to the key of the vault: /)
    t.match(nobody.stderr, /^There is no account acct_nope: accounts list /)
    t.match(url.stderr, /^The option --forward-to must be a URL such as localhost:3000\/webhooks: /)
    for (const finished of [type, keys, nobody]) t.same(refused(finished), oneSentence)
    t.same(refused(url), { ...oneSentence, code: 2 })
    t.same(await listeners(), [])
  })

  await t.test('deliver sends what the server leaves, each once', async (t) => {
    const receiver = await startReceiver(t)
    const { id, secret = '' } = await newEndpoint(t, receiver, 'customer.created')
    const waiting = [await newEvent(), await newEvent(), await newEvent()]
    // Longer than the server would take for a look at what is due.
    await new Promise((done) => setTimeout(done, 1500))
    t.same(receiver.got, [], 'the server sends nothing')
    t.match(await deliveriesOf(waiting[0] ?? ''), [{ endpoint_id: id, state: 'pending', attempts: 0 }])

    const [one, two] = await Promise.all([startDeliver(t), startDeliver(t)])
    t.equal(
      one.stderr,
      `Delivering the webhooks of the database ${database} of DATABASE_URL. Press Ctrl-C to stop.\n`
    )
    const more = [await newEvent(), await newEvent()]
    t.ok(await until(() => receiver.got.length >= 5))
    t.ok(
      receiver.got.every((got) => accepts(got, secret)),
      'with the secret that the API showed'
    )
    t.equal((await stop(one, 'SIGTERM')).code, 0)
    const last = await newEvent()
    t.ok(await until(async () => (await stateOf(last)) === 'delivered'))
    t.equal((await stop(two, 'SIGINT')).code, 0)
    t.same(idsOf(receiver).sort(), [...waiting, ...more, last].sort())
    t.equal(one.stdout + two.stdout, '')
    const keys = await runCli(['deliver'], keyless)
    t.match(keys.stderr, /^Set PAYMENT_VAULT_FINGERPRINT_KEY /)
    t.same(refused(keys), oneSentence)
  })

  await t.test('deliver and listen outlive a database that goes away, and say so', async (t) => {
    const [receiver, terminal] = [await startReceiver(t), await startReceiver(t)]
    await newEndpoint(t, receiver, '*')
    const programs = await Promise.all([startDeliver(t), startListen(t, terminal)])
    const admin = databaseUrl(DATABASE_URL, 'postgres')
    await onServer(
      admin,
      `alter database ${database} with allow_connections false`,
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`
    )
    for (const { node, stderr } of programs) t.equal(node.exitCode, null, stderr)
    const told = (cli: Cli) => /webhooks cannot be delivered at the moment: .*\n/.test(cli.stderr)
    t.ok(await until(() => programs.every((cli) => told(cli) || cli.node.exitCode !== null)))
    t.same(
      programs.map(({ node }) => node.exitCode),
      [null, null]
    )
    await onServer(admin, `alter database ${database} with allow_connections true`)
    const event = await newEvent()
    t.ok(await until(() => receiver.got.length === 1 && terminal.got.length === 1))
    t.same([idsOf(receiver), idsOf(terminal)], [[event], [event]])
    for (const cli of programs) t.equal((await stop(cli, 'SIGTERM')).code, 0)
  })

  await t.test('events resend sends an event again, whatever became of it', async (t) => {
    let status = 410
    const answer = (response: { writeHead: (status: number) => { end: () => unknown } }) =>
      response.writeHead(status).end()
    const [receiver, other] = [await startReceiver(t, answer), await startReceiver(t)]
    const { id } = await newEndpoint(t, receiver, 'customer.created')
    const cli = await startDeliver(t)
    const event = await newEvent()
    const resend = (...more: string[]) => run('events', 'resend', event, ...more)
    t.ok(await until(async () => (await stateOf(event)) === 'failed'))
    t.match(cli.stderr, new RegExp(`answered 410 Gone and is disabled: .*${event}.*${id}.*410\\.\n`))

    const gone = await resend()
    t.match(gone.stderr, /^No enabled endpoint subscribes to customer\.created: webhooks list /)
    t.same(refused(gone), oneSentence)
    await stripe.webhookEndpoints.update(id, { disabled: false })
    status = 200
    t.match(await resend(), {
      code: 0,
      stderr: '',
      stdout: `${event} (customer.created) is due for ${id}.\n`
    })
    t.ok(await until(async () => (await stateOf(event)) === 'delivered'))
    t.same(idsOf(receiver), [event, event], 'after 410')

    status = 500
    t.equal((await resend()).code, 0)
    t.ok(await until(() => receiver.got.length === 3))
    t.ok(await until(async () => (await deliveriesOf(event))[0]?.attempts === 1), 'from the first try on')
    t.ok(await until(async () => (await stateOf(event)) === 'pending'), 'after it was delivered')
    status = 200
    t.equal((await resend('--webhook-endpoint', id)).code, 0)
    t.ok(await until(async () => (await stateOf(event)) === 'delivered'))
    t.match(await deliveriesOf(event), [{ attempts: 2 }], 'before it was due again')
    t.same(idsOf(receiver), [event, event, event, event])

    const wantsOthers = await newEndpoint(t, other, 'payment_method.attached')
    t.equal((await resend()).stdout, `${event} (customer.created) is due for ${id}.\n`)
    t.equal((await resend('--webhook-endpoint', wantsOthers.id)).code, 0)
    t.ok(await until(() => receiver.got.length === 5 && other.got.length === 1))
    t.same(idsOf(other), [event], 'to one that is named, whatever it wants')

    const [noEvent, noEndpoint] = await Promise.all([
      run('events', 'resend', 'evt_nope'),
      resend('--webhook-endpoint', 'we_nope')
    ])
    t.match(noEvent.stderr, /^There is no event evt_nope: the vault keeps events for 30 days by default\.\n$/)
    t.match(noEndpoint.stderr, /^There is no enabled endpoint we_nope in the event's account and mode: /)
    for (const finished of [noEvent, noEndpoint]) t.same(refused(finished), oneSentence)
    await stop(cli, 'SIGTERM')
  })

  await t.test('webhooks list shows every endpoint, and roll gives one a new secret', async (t) => {
    const receiver = await startReceiver(t)
    const enabled_events: EventTypes = ['customer.created', 'customer.deleted']
    const { id, secret = '' } = await newEndpoint(t, receiver, ...enabled_events)
    const listening = await startListen(t, receiver, '--events', 'payment_method.attached')
    const cli = await startDeliver(t)
    const { stdout: list } = await run('webhooks', 'list')
    t.match(list, /^id +account +mode +status +events +url\n/)
    t.same(
      list
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split(/ +/)),
      [[id, account, 'test', 'enabled', enabled_events.join(), receiver.url]]
    )
    await stop(listening, 'SIGINT')

    const signedWith = async (...secrets: string[]) => {
      const before = receiver.got.length
      await newEvent()
      t.ok(await until(() => receiver.got.length === before + 1))
      const got = receiver.got[before]
      return secrets.map((one) => got !== undefined && accepts(got, one))
    }
    const roll = (...more: string[]) => run('webhooks', 'roll', id, ...more)
    const rolled = await roll('--expires-in', '1')
    t.match(rolled, { code: 0, stdout: /^whsec_\w{32}\n$/ })
    t.equal(rolled.stderr, 'For 1 hour, deliveries are also signed with the old secret.\n')
    const second = rolled.stdout.trim()
    t.not(second, secret)
    t.same(await signedWith(secret, second), [true, true])
    t.equal(receiver.got.at(-1)?.headers['stripe-signature']?.toString().split('v1=').length, 3)
    const { rows } = await pool.query<{ previous_secret_until: string }>(
      'select previous_secret_until from payment_vault.webhook_endpoints where id = $1',
      [id]
    )
    const ahead = Number(rows[0]?.previous_secret_until) - Date.now() / 1000
    t.ok(ahead > 3000 && ahead <= 3600, 'an hour')

    const at = await roll('--expires-in', '0')
    t.equal(at.stderr, 'The old secret no longer signs.\n')
    t.same(await signedWith(secret, second, at.stdout.trim()), [false, false, true])
    t.match(await roll(), { code: 0, stderr: /^For 24 hours, / })
    await stop(cli, 'SIGTERM')

    const [nobody, keys] = await Promise.all([
      run('webhooks', 'roll', 'we_nope'),
      runCli(['webhooks', 'roll', id], keyless)
    ])
    t.match(nobody.stderr, /^There is no webhook endpoint we_nope: webhooks list shows all endpoints\.\n$/)
    t.match(keys.stderr, /^Set PAYMENT_VAULT_FINGERPRINT_KEY /)
    for (const finished of [nobody, keys]) t.same(refused(finished), oneSentence)
  })

  t.match(await stop(server, 'SIGTERM'), { code: 0, stderr: '' })
})

t.test('the commands before a server has made the tables, or without a first account', async (t) => {
  const { url } = await newDatabase(t, { empty: true })
  const settings = { DATABASE_URL: url, PAYMENT_VAULT_FINGERPRINT_KEY: fingerprintKey }
  const commands = ['deliver', 'listen --forward-to localhost:1', 'webhooks list', 'events resend evt_1']
  for (const finished of await Promise.all(commands.map((line) => runCli(line.split(' '), settings)))) {
    t.match(finished.stderr, /^The schema "payment_vault" is behind this code and needs migrating: /)
    t.same(refused(finished), oneSentence)
  }
  const migrated = await newDatabase(t)
  const nobody = await runCli(['listen', '--forward-to', 'localhost:1'], {
    ...settings,
    DATABASE_URL: migrated.url
  })
  t.match(nobody.stderr, /^There is no account yet: /)
  t.same(refused(nobody), oneSentence)
  t.equal((await migrated.pool.query('select from payment_vault.accounts')).rowCount, 0)
})

t.test('command lines', async (t) => {
  const asked = (line: string) => readCommand(line.split(' '))
  const listening = { name: 'listen', events: [], livemode: false, account: undefined }
  const listen = (to: string) => asked(`listen --forward-to ${to}`)
  t.same(listen('localhost:3000/hooks'), { ...listening, forwardTo: 'http://localhost:3000/hooks' })
  t.same(listen('https://example.com/a'), { ...listening, forwardTo: 'https://example.com/a' })
  t.same(listen('3000'), { ...listening, forwardTo: 'http://localhost:3000' }, 'a bare port')
  t.same(
    asked('listen --live --account acct_1 --forward-to [::1]:3 --events customer.created,customer.deleted'),
    {
      name: 'listen',
      forwardTo: 'http://[::1]:3',
      events: ['customer.created', 'customer.deleted'],
      livemode: true,
      account: 'acct_1'
    }
  )
  t.same(asked('webhooks roll we_1'), { name: 'webhooks roll', id: 'we_1', hours: 24 })
  t.same(asked('webhooks roll we_1 --expires-in 168'), { name: 'webhooks roll', id: 'we_1', hours: 168 })
  t.same(asked('events resend evt_1'), { name: 'events resend', id: 'evt_1', endpoint: undefined })

  const wrong: [string, RegExp][] = [
    ['listen', /^The command listen needs --forward-to with a URL: /],
    ['listen more --forward-to x', /^The command listen takes no "more": /],
    ['listen --forward-to ftp://localhost/x', /^The option --forward-to must be a URL /],
    ['listen --forward-to localhost:99999', /^The option --forward-to must be a URL /],
    ['listen --forward-to 99999', /^The option --forward-to must be a URL /],
    ['listen --forward-to https://', /^The option --forward-to must be a URL /],
    ['listen --forward-to x --publishable', /^The option --publishable belongs to keys create: /],
    ['listen --forward-to x --webhook-endpoint we_1', /belongs to events resend: /],
    ['deliver --live', /^The option --live belongs to keys create and listen: /],
    ['deliver --events x', /^The option --events belongs to listen: /],
    ['deliver --forward-to x', /^The option --forward-to belongs to listen: /],
    ['deliver more', /^The command deliver takes no "more": /],
    ['keys list --account acct_1', /^The option --account belongs to keys create and listen: /],
    ['events', /^The command events needs a second word: resend: /],
    ['events list', /^There is no command events list: /],
    ['events resend', /^The command events resend needs the id of an event: /],
    ['events resend evt_1 evt_2', /^The command events resend takes no "evt_2": /],
    [
      'events resend evt_1 --expires-in 1',
      /^The option --expires-in belongs to keys roll and webhooks roll: /
    ],
    ['webhooks', /^The command webhooks needs a second word: list or roll: /],
    ['webhooks nope', /^There is no command webhooks nope: /],
    ['webhooks list more', /^The command webhooks list takes no "more": /],
    ['webhooks list --webhook-endpoint we_1', /belongs to events resend: /],
    ['webhooks roll', /^The command webhooks roll needs the id of an endpoint: /],
    ...['169', '1.5', '1e2', '', 'x', '-1'].map((hours): [string, RegExp] => [
      `webhooks roll we_1 --expires-in=${hours}`,
      /^The option --expires-in must be a number of hours from 0 to 168: /
    ])
  ]
  for (const [line, message] of wrong)
    t.throws(
      () => asked(line),
      { name: 'UsageError', message: new RegExp(`${message.source}.*see fastify-payment-vault --help\\.$`) },
      line
    )
})

t.test('PAYMENT_VAULT_DELIVER_WEBHOOKS is true or false', async (t) => {
  const settings = (given?: string) =>
    readSettings({ PAYMENT_VAULT_DATA: '/data', PAYMENT_VAULT_DELIVER_WEBHOOKS: given })
  for (const given of [undefined, '', 'true']) t.equal(settings(given).deliverWebhooks, true)
  t.equal(settings('false').deliverWebhooks, false)
  t.throws(() => settings('no'), {
    name: 'StartError',
    message: 'PAYMENT_VAULT_DELIVER_WEBHOOKS must be true or false, not "no".'
  })
})
