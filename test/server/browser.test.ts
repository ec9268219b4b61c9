import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import helmet from '@fastify/helmet'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import Fastify from 'fastify'
import type { Browser, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { Database } from '../../plugins/database/database'
import { createKey } from '../../src/resources/accounts/keys'
import { openFirstAccount } from '../../src/resources/accounts/first-account'
import { paymentVault, type PaymentVaultOptions } from '../../src/index'
import { chromiumPath, startBrowser } from '../helpers/server/browser'
import { newDatabase } from '../helpers/database/database'
import { eventsOf } from '../helpers/database/rows'
import { fingerprintKey, type Json, newPair, startVault, type TestVault } from '../helpers/vault'

const chromium = chromiumPath()
t.setTimeout(300_000)

/** A shop's page, which people come back to; it keeps the queries that they came back with. */
async function startShop(t: Test): Promise<{ url: string; visits: URLSearchParams[] }> {
  const visits: URLSearchParams[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://shop')
    if (url.pathname === '/back') visits.push(url.searchParams)
    response.setHeader('content-type', 'text/html').end('<h1>The shop</h1>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/back?cart=7`, visits }
}

async function visit(t: Test, browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage()
  t.teardown(() => page.close())
  page.on('pageerror', (error) => {
    t.fail(`the page fails: ${error.message}`)
  })
  page.on('console', (message) => {
    if (message.type() === 'error') t.fail(`the page complains: ${message.text()}`)
  })
  await page.goto(url)
  return page
}

/** Where the holder of the card is sent to. */
function pageOf({ next_action: action }: Json): string {
  const { redirect_to_url: redirect, use_stripe_sdk: sdk } = action as Record<string, Record<string, string>>
  return redirect?.url ?? sdk?.stripe_js ?? ''
}

async function newSetupIntent(vault: TestVault, more: object = {}) {
  const { customer, paymentMethod } = await newPair(vault)
  const card = { number: '4000002500003155', exp_month: 8, exp_year: 2033, cvc: '123' }
  const made = await vault.post('/v1/payment_methods', { type: 'card', card })
  const { body } = await vault.post('/v1/setup_intents', {
    customer,
    payment_method: made.body.id as string,
    confirm: true,
    ...more
  })
  return { customer, paymentMethod: String(made.body.id), other: paymentMethod, intent: body }
}

const shownKey = 'sk_test_shown00000000'

/** A host with helmet and a docs page of its own, the vault under a prefix, with the reference page's objects in it. */
async function startHost(t: Test, options: Pick<PaymentVaultOptions, 'docs'>): Promise<string> {
  const { pool } = await newDatabase(t)
  const db = new Database(pool, { schema: 'payment_vault', prepared: false })
  const account = await openFirstAccount(db)
  await createKey(db, { account, livemode: false, kind: 'secret', key: shownKey })
  const app = Fastify()
  await app.register(helmet)
  await app.register(swagger, { openapi: { info: { title: 'The host’s own', version: '1' } } })
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true })
  await app.register(paymentVault, { pool, fingerprintKey, prefix: '/billing', ...options })
  t.teardown(() => app.close())
  return app.listen({ port: 0, host: '127.0.0.1' })
}

/** Sends a call with the parameters that the page proposes; the answer's status. */
async function tryOut(page: Page, operation: string): Promise<string> {
  const call = page.locator(`[id$="-${operation}"]`)
  await call.locator('.opblock-summary-control').click()
  await call.getByRole('button', { name: 'Execute' }).click()
  return call.locator('.live-responses-table .response-col_status').last().innerText()
}

t.test(
  'a person authenticates in a browser',
  { skip: chromium === undefined && 'no Chromium here: install one, or name it by CHROMIUM' },
  async (t) => {
    const vault = await startVault(t)
    const browser = await startBrowser(t, chromium ?? '')

    await t.test('completes: back at the shop, the card is attached and charged off session', async (t) => {
      const shop = await startShop(t)
      const { customer, paymentMethod, intent } = await newSetupIntent(vault, { return_url: shop.url })
      t.equal(intent.status, 'requires_action')
      t.match(intent.next_action, { redirect_to_url: { return_url: shop.url }, type: 'redirect_to_url' })

      const page = await visit(t, browser, pageOf(intent))
      t.equal(await page.getByRole('heading').innerText(), 'Test authentication')
      await page.getByRole('button', { name: 'Complete authentication' }).click()
      await page.getByRole('heading', { name: 'The shop' }).waitFor()
      t.strictSame(Object.fromEntries(shop.visits[0] ?? []), {
        cart: '7',
        setup_intent: String(intent.id),
        setup_intent_client_secret: String(intent.client_secret),
        redirect_status: 'succeeded'
      })

      const { body: after } = await vault.get(`/v1/setup_intents/${String(intent.id)}`)
      t.match(after, { status: 'succeeded', next_action: null, payment_method: paymentMethod })
      t.equal((await vault.get(`/v1/payment_methods/${paymentMethod}`)).body.customer, customer)
      t.strictSame(
        (await eventsOf(vault, String(intent.id))).map(({ type }) => type),
        ['setup_intent.created', 'setup_intent.requires_action', 'setup_intent.succeeded']
      )
      const paid = await vault.post('/v1/payment_intents', {
        ...{ amount: 1200, currency: 'eur', customer, payment_method: paymentMethod },
        ...{ confirm: true, off_session: true }
      })
      t.equal(paid.body.status, 'succeeded', 'without being asked again')

      // Whoever goes back in the browser changes nothing.
      await page.goto(pageOf(intent))
      t.equal(await page.getByRole('heading').innerText(), 'Nothing to authenticate')
    })

    await t.test('fails: back at the shop, the card can be tried again', async (t) => {
      const shop = await startShop(t)
      const { paymentMethod, intent } = await newSetupIntent(vault, { return_url: shop.url })
      const page = await visit(t, browser, pageOf(intent))
      await page.getByRole('button', { name: 'Fail authentication' }).click()
      await page.getByRole('heading', { name: 'The shop' }).waitFor()
      t.equal(shop.visits[0]?.get('redirect_status'), 'failed')

      const { body: after } = await vault.get(`/v1/setup_intents/${String(intent.id)}`)
      t.equal(after.status, 'requires_payment_method')
      t.match(after.last_setup_error, {
        code: 'setup_intent_authentication_failure',
        payment_method: { id: paymentMethod }
      })
      const again = await vault.post(`/v1/setup_intents/${String(intent.id)}/confirm`, {
        payment_method: paymentMethod
      })
      t.equal(again.body.status, 'requires_action')
      t.match(again.body.next_action, { type: 'use_stripe_sdk' })
    })

    await t.test('by keyboard alone, for a payment, without a page to go back to', async (t) => {
      const { customer, paymentMethod } = await newSetupIntent(vault)
      const { body: intent } = await vault.post('/v1/payment_intents', {
        ...{ amount: 123456, currency: 'jpy', customer, payment_method: paymentMethod, confirm: true },
        ...{ setup_future_usage: 'off_session' }
      })
      const page = await visit(t, browser, pageOf(intent))
      t.match(await page.getByRole('main').innerText(), /¥123,456/)
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Authentication complete' }).waitFor()
      t.equal((await vault.get(`/v1/payment_intents/${String(intent.id)}`)).body.status, 'succeeded')
      t.equal((await vault.get(`/v1/payment_methods/${paymentMethod}`)).body.customer, customer)
    })

    await t.test('an authentication that is passed, and a card that declines all the same', async (t) => {
      const shop = await startShop(t)
      const { body: intent } = await vault.post('/v1/payment_intents', {
        ...{ amount: 1200, currency: 'usd', confirm: true, return_url: shop.url },
        payment_method: 'pm_card_authenticationRequiredChargeDeclinedInsufficientFunds'
      })
      const page = await visit(t, browser, pageOf(intent))
      await page.getByRole('button', { name: 'Complete authentication' }).click()
      await page.getByRole('heading', { name: 'The shop' }).waitFor()
      t.equal(shop.visits[0]?.get('redirect_status'), 'failed')
      const { body: after } = await vault.get(`/v1/payment_intents/${String(intent.id)}`)
      t.match(after, { status: 'requires_payment_method', last_payment_error: { code: 'card_declined' } })
    })
  }
)

t.test(
  'the API is read and tried out in a browser',
  { skip: chromium === undefined && 'no Chromium here: install one, or name it by CHROMIUM' },
  async (t) => {
    const browser = await startBrowser(t, chromium ?? '')

    await t.test('with the key filled in, beside a host that has such a page of its own', async (t) => {
      const host = await startHost(t, { docs: { secretKey: shownKey } })
      const page = await visit(t, browser, `${host}/billing/docs`)
      t.equal(await tryOut(page, 'GetCustomersCustomer'), '200', 'a GET')
      const attach = 'PostPaymentMethodsPaymentMethodAttach'
      t.equal(await tryOut(page, attach), '200', 'the call of the reference page, as it stands there')
      const own = (await (await fetch(`${host}/docs/json`)).json()) as Json
      t.match(own, { info: { title: 'The host’s own' }, paths: {} }, 'the host’s own is as it was')
    })

    await t.test('with a key that whoever reads it fills in', async (t) => {
      const host = await startHost(t, { docs: true })
      const page = await visit(t, browser, `${host}/billing/docs`)
      await page.getByRole('button', { name: 'Authorize' }).click()
      const dialog = page.locator('.auth-container', { hasText: 'bearerAuth' })
      t.equal(await dialog.getByRole('textbox').inputValue(), '')
      await dialog.getByRole('textbox').fill(shownKey)
      await dialog.locator('button.authorize').click()
      await dialog.getByRole('button', { name: 'Close' }).click()
      t.equal(await tryOut(page, 'GetCustomersCustomer'), '200')
    })
  }
)

t.test('the docs page gives its key to nobody who is not on this machine', async (t) => {
  const host = await startHost(t, { docs: { secretKey: shownKey } })
  const keyAs = (headers: Record<string, string>): Promise<string> =>
    new Promise((resolve, reject) => {
      request(`${host}/billing/docs/static/theme/key.js`, { headers }, (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += chunk.toString()))
        response.on('end', () => {
          resolve(text)
        })
      })
        .on('error', reject)
        .end()
    })
  t.match(await keyAs({}), shownKey)
  t.notMatch(await keyAs({ host: 'evil.example' }), shownKey, 'a name that leads here')
  t.notMatch(await keyAs({ 'sec-fetch-site': 'cross-site' }), shownKey, 'a page of somebody else’s')
  const none = await startHost(t, {})
  t.equal((await fetch(`${none}/billing/docs`)).status, 404, 'off unless asked for')
})

t.test('the authentication page takes nobody else’s word', async (t) => {
  const vault = await startVault(t)
  const { intent } = await newSetupIntent(vault)
  const url = pageOf(intent)
  const send = (to: string, body: string) =>
    fetch(to, {
      ...{ method: 'POST', redirect: 'manual', body },
      headers: { 'content-type': 'application/x-www-form-urlencoded' }
    })
  const status = async () => (await vault.get(`/v1/setup_intents/${String(intent.id)}`)).body.status as string

  const wrong = await send(url.replace(/src_\w+/, 'src_1AAAAAAAAAAAAAAAAAAAAAAA'), 'outcome=succeeded')
  t.match(await wrong.text(), /Nothing to authenticate/, 'another source')
  const live = await send(url.replace('/test/', '/live/'), 'outcome=succeeded')
  t.match(await live.text(), /Nothing to authenticate/, 'live mode')
  const account = await send(url.replace(/acct_\w+/, 'acct_1AAAAAAAAAAAAAAA'), 'outcome=succeeded')
  t.match(await account.text(), /Nothing to authenticate/, 'another account')
  t.equal((await send(url, 'outcome=perhaps')).status, 400)
  t.equal((await send(url, '')).status, 400)
  t.equal((await send(url, 'a'.repeat(5000))).status, 413)
  t.equal(await status(), 'requires_action', 'nothing was changed')

  const page = await fetch(url)
  t.match(page.headers.get('content-security-policy'), /default-src 'none'/)
  t.equal(page.headers.get('cache-control'), 'no-store')

  const both = await Promise.all([send(url, 'outcome=succeeded'), send(url, 'outcome=failed')])
  t.ok(both.every((answer) => [200, 429].includes(answer.status)))
  const after = await status()
  t.ok(['succeeded', 'requires_payment_method'].includes(after), 'one of the two')
  await send(url, 'outcome=succeeded')
  t.equal(await status(), after, 'and it stays so')
})

t.test('a return_url that would run as a script is refused', async (t) => {
  const vault = await startVault(t)
  for (const path of ['/v1/setup_intents', '/v1/payment_intents']) {
    for (const return_url of ['javascript:alert(1)', 'data:text/html,x', 'nowhere']) {
      const { status, body } = await vault.post(path, {
        ...{ amount: 1000, currency: 'usd' },
        ...(path.includes('setup') && { amount: undefined, currency: undefined }),
        ...{ payment_method: 'pm_card_visa', confirm: true, return_url }
      })
      t.equal(status, 400)
      t.match(body, { error: { code: 'url_invalid', param: 'return_url' } })
    }
  }
})
