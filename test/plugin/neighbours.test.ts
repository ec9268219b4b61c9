import autoload from '@fastify/autoload'
import jwt from '@fastify/jwt'
import rateLimit from '@fastify/rate-limit'
import underPressure from '@fastify/under-pressure'
import Fastify, { type FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { spawn } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { paymentVault, type PaymentVaultOptions } from '../../src/index'
import { Cli, newFolder, until } from '../helpers/server/cli'
import { untracked } from '../helpers/untracked'
import { fingerprintKey } from '../helpers/vault'
import { preflight, sdkWorks, vaultCalls, wirePart } from './neighbours/calls'
import { hostCalls } from './neighbours/host'
import { newKey, prefix, startApp, startHost, surroundings } from './neighbours/mounted'
import { allAtOnce, hostLog, neighbours } from './neighbours/neighbours'
import { type Ask, type Send, sender, type Sent } from './neighbours/send'

// What else may be in the app that the vault is mounted in, and where in it: the host must answer to the letter as
// without the vault, and the vault as in an app where it is alone.

// Some two hundred apps start here, on machines that may be busy.
t.setTimeout(300_000)

t.test('beside', async (t) => {
  const around = await surroundings(t)
  const alone = await startApp(t, around.key, (app) => app.register(paymentVault, around.options))
  const objects = await sdkWorks(t, alone)
  const calls = [...vaultCalls(prefix, around.key, objects), preflight(prefix)]
  // Twice: what is made under an idempotency key is made by the first round.
  await all(alone.send, calls)
  const expected = await all(alone.send, calls)

  for (const neighbour of [...neighbours, allAtOnce()]) {
    await t.test(neighbour.name, async (t) => {
      const without = await startHost(t, neighbour, around)
      const beside = await startHost(t, neighbour, around, { ...around.options, ...neighbour.vault })
      const asked = [...(neighbour.calls ?? []), ...hostCalls]
      const usual = await all(without.send, asked)
      compare(t, asked, await all(beside.send, asked), usual)
      t.ok(usual.slice(0, neighbour.calls?.length ?? 0).every(({ status }) => status < 500))

      await sdkWorks(t, beside)
      const ours = calls.slice(0, neighbour.preflights ? -1 : undefined)
      const answers = await all(beside.send, ours)
      const wire = answers.map((answer, i) => wirePart(answer, expected[i]))
      compare(
        t,
        ours,
        wire,
        expected.map((answer) => wirePart(answer))
      )
      for (const ask of neighbour.ours ?? []) {
        const { status } = await beside.send({ headers: { authorization: `Bearer ${around.key}` }, ...ask })
        t.equal(status, 200, ask.path)
      }
    })
  }
  t.ok(hostLog.includes('request completed'), 'through the logger of the host')
})

t.test("what the host's own plugins refuse has the wire's shape", async (t) => {
  const { key, options } = await surroundings(t)
  const tooMany = { max: 0, timeWindow: '1 day' }
  const limited = (message: string) => ({
    code: 'rate_limit',
    doc_url: 'https://stripe.com/docs/error-codes/rate-limit',
    message,
    type: 'invalid_request_error'
  })
  const unavailable = {
    message: 'The server cannot answer at the moment. Please try again later.',
    type: 'api_error'
  }
  const refused = (message: string) => ({ message, type: 'invalid_request_error' })
  const throwing = (thrown: unknown) => (app: FastifyInstance) =>
    app.addHook('onRequest', async () => {
      throw thrown
    })
  const cases: [name: string, before: (app: FastifyInstance) => unknown, status: number, error: object][] = [
    [
      'a rate limit',
      (app) => app.register(rateLimit, tooMany),
      429,
      limited('Rate limit exceeded, retry in 1 day')
    ],
    [
      'a rate limit in words of its own',
      (app) =>
        app.register(rateLimit, {
          ...tooMany,
          errorResponseBuilder: ({ ip }, { statusCode }) => ({ statusCode, message: `Slowly, ${ip}` })
        }),
      429,
      limited('Slowly, 127.0.0.1')
    ],
    [
      'pressure',
      (app) => app.register(underPressure, { healthCheck: async () => false, healthCheckInterval: 60_000 }),
      503,
      unavailable
    ],
    [
      'tokens for the whole app',
      async (app) => {
        await app.register(jwt, { secret: 'a secret of the shop’s' })
        app.addHook('onRequest', (request) => request.jwtVerify())
      },
      401,
      refused('Authorization token is invalid: The token is malformed.')
    ],
    ['what is no error', throwing({ statusCode: 403 }), 403, refused('Forbidden')],
    [
      'what nobody foresaw',
      throwing('secret'),
      500,
      {
        message: 'An error occurred inside the server. It has been logged; the request may be retried.',
        type: 'api_error'
      }
    ]
  ]
  for (const [name, before, status, error] of cases) {
    const { send } = await startApp(t, key, async (app) => {
      await before(app)
      await app.register(paymentVault, options)
    })
    const headers = { authorization: `Bearer ${key}` }
    const answer = await send({ path: '/billing/v1/customers', headers })
    t.equal(answer.status, status, name)
    t.strictSame(JSON.parse(answer.body), { error }, name)
    t.equal(answer.body, `${JSON.stringify({ error }, null, 2)}\n`, name)
    const of = new Map(answer.headers)
    t.equal(of.get('content-type'), 'application/json', name)
    t.equal(of.get('access-control-allow-origin'), '*', name)
    t.match(of.get('request-id') ?? '', status === 401 ? /^$/ : /^req_\w{14}$/, name)
  }
})

t.test("lets in whoever the host's own tokens name", async (t) => {
  const { key, options } = await surroundings(t)
  const apps: FastifyInstance[] = []
  const mounted = await startApp(t, key, async (app) => {
    apps.push(app)
    await app.register(jwt, { secret: 'a secret of the shop’s' })
    await app.register(paymentVault, {
      ...options,
      authenticate: async (request) => {
        const { tenant } = await request.jwtVerify<{ tenant: string }>()
        return { account: tenant, livemode: false }
      }
    })
  })
  const token = (tenant: string): string => apps[0]?.jwt.sign({ tenant }) ?? ''
  await sdkWorks(t, { ...mounted, key: token('ada') })
  const list = async (headers: Record<string, string>) => {
    const { status, body } = await mounted.send({ path: '/billing/v1/customers', headers })
    return [status, (JSON.parse(body) as { data?: unknown[] }).data?.length]
  }
  t.strictSame(await list({ authorization: `Bearer ${token('ada')}` }), [200, 2])
  t.strictSame(await list({ authorization: `Bearer ${token('eve')}` }), [200, 0])
  t.strictSame(await list({ authorization: `Bearer ${key}` }), [401, undefined])
})

t.test('two in one app, each with a prefix and a schema', async (t) => {
  const { key, options, pool } = await surroundings(t)
  const one = await startApp(t, key, async (app) => {
    await app.register(paymentVault, options)
    await app.register(paymentVault, {
      ...options,
      prefix: '/other/billing',
      schema: 'other "vault"',
      migrate: 'auto',
      decorateAs: 'otherVault'
    })
  })
  const other = { ...one, prefix: '/other/billing', key: await newKey(pool, 'other "vault"') }
  const made = await sdkWorks(t, one)
  await sdkWorks(t, other)
  const status = async ({ send, prefix }: typeof one, bearer: string) => {
    const path = `${prefix}/v1/customers/${made.customer}`
    return (await send({ path, headers: { authorization: `Bearer ${bearer}` } })).status
  }
  t.equal(await status(one, key), 200)
  t.equal(await status(other, other.key), 404, 'not in the other schema')
  t.equal(await status(other, key), 401, 'a key of the other vault')
})

t.test('wherever it is registered', async (t) => {
  const { key, options, databaseUrl } = await surroundings(t)
  const within = async (app: FastifyInstance) => {
    await app.register(paymentVault, options)
  }
  const folder = await newFolder(t)
  const loaded = { ...options, pool: undefined, connectionString: databaseUrl }
  await writePlugin(join(folder, 'registering/vault.js'), loaded, (vault, given) => [
    `module.exports = async (app) => { await app.register(${vault}, ${given}) }`
  ])
  await writePlugin(
    join(folder, 'being/billing/index.js'),
    { ...loaded, prefix: undefined },
    (vault, given) => [`module.exports = ${vault}`, `module.exports.autoConfig = ${given}`]
  )
  const places: [name: string, register: (app: FastifyInstance) => unknown, at: string][] = [
    ['a plugin', (app) => app.register(within), '/billing'],
    ['a plugin with a prefix', (app) => app.register(within, { prefix: '/shop' }), '/shop/billing'],
    ['a plugin that is not encapsulated', (app) => app.register(fp(async (app) => within(app))), '/billing'],
    [
      'a plugin within a plugin',
      (app) => app.register(async (outer) => void outer.register(within, { prefix: '/a' }), { prefix: '/b' }),
      '/b/a/billing'
    ],
    ['a file of a folder', (app) => app.register(autoload, { dir: join(folder, 'registering') }), '/billing'],
    ['a folder of its own', (app) => app.register(autoload, { dir: join(folder, 'being') }), '/billing'],
    ['no prefix', (app) => app.register(paymentVault, { ...options, prefix: '' }), ''],
    [
      'a prefix that ends in a slash',
      (app) => app.register(paymentVault, { ...options, prefix: '/a/' }),
      '/a'
    ]
  ]
  for (const [name, register, at] of places) {
    await t.test(name, async (t) => {
      await sdkWorks(t, await startApp(t, key, register, at))
    })
  }
})

t.test('a link leads to where people are, whatever is before the app', async (t) => {
  const { key, options } = await surroundings(t)
  const app = Fastify({
    trustProxy: true,
    rewriteUrl: ({ url = '/' }) => url.replace(/^\/pay\//, '/billing/')
  })
  await app.register(paymentVault, options)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  const send = sender(t, url)
  const linkOf = async (path: string, proxy: Record<string, string> = {}) => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const headers = { authorization: `Bearer ${key}`, ...form, ...proxy }
    const params =
      'payment_method=pm_card_authenticationRequired&confirm=true&return_url=https://shop.example'
    const { body } = await send({ method: 'POST', path: `${path}/v1/setup_intents`, headers, body: params })
    type Intent = { next_action: { redirect_to_url: { url: string } } }
    return (JSON.parse(body) as Intent).next_action.redirect_to_url.url
  }
  const link = await linkOf('/pay')
  t.ok(link.startsWith(`${url}/pay/authenticate/`), link)
  t.equal((await send({ path: new URL(link).pathname })).status, 200)
  t.ok((await linkOf('/billing')).startsWith(`${url}/billing/authenticate/`))
  const proxied = await linkOf('/pay', { 'x-forwarded-host': 'shop.example', 'x-forwarded-proto': 'https' })
  t.ok(proxied.startsWith('https://shop.example/pay/authenticate/'), proxied)
})

t.test('started by fastify-cli, and stopped as by Ctrl-C', async (t) => {
  const { key, databaseUrl } = await surroundings(t)
  const folder = await newFolder(t)
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  const file = join(folder, 'app.js')
  const options = { connectionString: databaseUrl, fingerprintKey, prefix }
  await writePlugin(file, options, (vault, given) => [
    `module.exports = async (app, _options) => { await app.register(${vault}, ${given}) }`
  ])
  const command = [
    '--import',
    'tsx',
    join(root, 'node_modules/fastify-cli/cli.js'),
    'start',
    '-l',
    'info',
    '-a',
    '127.0.0.1',
    file
  ]
  const env = { ...process.env, PORT: '0' }
  const cli = new Cli(spawn(...untracked(process.execPath, command), { cwd: root, env }))
  t.teardown(() => cli.node.kill('SIGKILL'))
  const address = (): string | undefined => /http:\/\/[\d.]+:\d+/.exec(cli.stdout)?.[0]
  await Promise.race([until(() => address() !== undefined), cli.finished])
  const url = address()
  if (url === undefined) throw new Error(`it did not start: ${cli.stderr}`)
  await sdkWorks(t, { url, prefix, key, send: sender(t, url) })
  cli.node.kill('SIGINT')
  const { code, stderr } = await cli.finished
  t.equal(code, 0)
  t.equal(stderr, '')
})

t.test('ids and the host’s maxParamLength', async (t) => {
  const { key, options } = await surroundings(t)
  const { send } = await startApp(t, key, (app) => app.register(paymentVault, options))
  const headers = { authorization: `Bearer ${key}` }
  const long = await send({ path: `/billing/v1/customers/cus_${'x'.repeat(200)}`, headers })
  t.equal(long.status, 404)
  t.match(JSON.parse(long.body), { error: { type: 'invalid_request_error' } })

  for (const server of [{ routerOptions: { maxParamLength: 20 } }, { maxParamLength: 20 }]) {
    const app = Fastify(server)
    await t.rejects(Promise.resolve(app.register(paymentVault, options)), {
      message:
        "fastify-payment-vault: the app's `maxParamLength` is 20, which is too short for ids: set it to 100 or more."
    })
    await app.close()
  }
})

const root = join(__dirname, '../..')

/** A plugin of the host's in a file of its own; `lines` gets what stands for the vault and for its options. */
async function writePlugin(
  file: string,
  options: Partial<PaymentVaultOptions> & { prefix?: string | undefined },
  lines: (vault: string, options: string) => string[]
): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const vault = `require(${JSON.stringify(join(root, 'src/index'))}).paymentVault`
  await writeFile(file, lines(vault, JSON.stringify(options)).join('\n'))
}

async function all(send: Send, asks: Ask[]): Promise<Sent[]> {
  const answers: Sent[] = []
  for (const ask of asks) answers.push(await send(ask))
  return answers
}

function compare(t: Test, asks: Ask[], got: Sent[], wanted: Sent[]): void {
  for (const [i, { method = 'GET', path, body }] of asks.entries()) {
    t.strictSame(got[i], wanted[i], `${method} ${path.slice(0, 60)} ${body?.slice(0, 40) ?? ''}`)
  }
}
