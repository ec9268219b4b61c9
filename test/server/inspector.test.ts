import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Page } from 'playwright-core'
import Stripe from 'stripe'
import t, { type Test } from 'tap'
import { createKey } from '../../src/resources/accounts/keys'
import { insertAccount } from '../../src/resources/accounts/store'
import { redacted, redactedPath } from '../../src/pages/inspector/redact'
import { chromiumPath, startBrowser } from '../helpers/server/browser'
import { startReceiver } from '../helpers/webhooks/receiver'
import { type Json, startVault, type TestVault, typedCard } from '../helpers/vault'

const executablePath = chromiumPath()
const shown = { timeout: 30_000 }
t.setTimeout(300_000)

const shownTo = { secretKey: 'sk_test_shown00000000' }

t.test(
  'in a browser',
  { skip: executablePath === undefined && 'there is no Chromium', timeout: 300_000 },
  async (t) => {
    const browser = await startBrowser(t, executablePath ?? '')

    const opened = async (t: Test, vault: TestVault, options: Parameters<typeof browser.newPage>[0] = {}) => {
      const page = await browser.newPage(options)
      t.teardown(() => page.close())
      page.on('pageerror', (error) => {
        t.fail(`the page fails: ${error.message}`)
      })
      page.on('console', (message) => {
        // An answer that is a refusal is told there too.
        const isRefusal = /status of 4\d\d/.test(message.text())
        if (message.type() === 'error' && !isRefusal) t.fail(`the page complains: ${message.text()}`)
      })
      await page.goto(`${vault.url}/inspector`)
      await page.getByLabel('Secret key').fill(vault.keys.test)
      await page.getByRole('button', { name: 'Open' }).click()
      await page.getByText('live', { exact: true }).waitFor(shown)
      return page
    }

    await t.test('requests show as they come in, and nothing private in them', async (t) => {
      const vault = await startVault(t, { inspector: true })
      const page = await opened(t, vault)
      const email = 'jenny@example.com'
      const headers = { 'idempotency-key': 'k' }
      await vault.post('/v1/customers', { name: 'Jenny Rosen', email }, { headers })
      await vault.post('/v1/customers', { name: 'Jenny Rosen', email }, { headers })
      await vault.post('/v1/payment_methods', { type: 'card', card: typedCard })
      await vault.post('/v1/payment_methods', {
        type: 'card',
        card: { ...typedCard, exp_month: '4242424242424242' }
      })
      await vault.get('/v1/customers/4242424242424242')
      await vault.post('/v1/customers', {}, { key: vault.keys.live })
      const requests = page.getByRole('list', { name: /^Requests/ })
      await requests.getByText('/v1/customers/•••').waitFor(shown)
      t.equal(await requests.getByText('POST 200').count(), 3, 'live mode is not shown')
      t.equal(await requests.getByText('replayed').count(), 1)
      t.equal(await requests.getByText(/POST 40[02]/).count(), 1)
      await requests.getByText('POST 200').first().click()
      await requests.getByText('"last4": "4242"').first().waitFor(shown)
      const everything = (await requests.textContent()) ?? ''
      t.notMatch(everything, /4242424242424242|"123"|Jenny|example\.com/)
      t.match(everything, /"number": "•••"/)
    })

    await t.test('cards are drawn as what they are, and one can be attached by keyboard alone', async (t) => {
      const vault = await startVault(t, { inspector: true })
      const stripe = vault.stripe()
      const hostile = '<img src=x onerror="document.title=1">'
      const { id } = await stripe.customers.create({ name: hostile })
      const page = await opened(t, vault)
      await page.getByText(hostile).first().waitFor(shown)
      await page.getByLabel('Customer', { exact: true }).focus()
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Tab')
      await page.keyboard.type('Master')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Space')
      await page.keyboard.press('Tab')
      t.equal(
        await page.evaluate('document.activeElement.textContent'),
        'Attach',
        'the focus goes on in order'
      )
      await page.keyboard.press('Enter')
      await page.getByText(`is attached to ${id}`).waitFor(shown)
      await page.getByRole('listitem', { name: 'mastercard ending in 4444, default' }).waitFor(shown)
      const [card] = (await stripe.customers.listPaymentMethods(id)).data
      t.equal(
        ((await stripe.customers.retrieve(id)) as Stripe.Customer).invoice_settings.default_payment_method,
        card?.id
      )
      t.not(await page.title(), '1')

      const paymentMethods = page.getByLabel('Payment method', { exact: true })
      await paymentMethods.selectOption('another id …')
      await paymentMethods.focus()
      await page.keyboard.press('Tab')
      await page.keyboard.type('pm_none')
      await page.keyboard.press('Enter')
      await page.getByText(/^resource_missing: No such PaymentMethod: 'pm_none'/).waitFor(shown)
      t.equal(await page.locator('#answer').getAttribute('class'), 'bad')
    })

    await t.test('an event shows its deliveries, and goes out again', async (t) => {
      const vault = await startVault(t, { inspector: true, deliverWebhooks: true })
      const receiver = await startReceiver(t)
      const stripe = vault.stripe()
      await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['customer.created'] })
      await stripe.customers.create()
      const page = await opened(t, vault)
      const delivered = page.getByText(/^delivered 200, 1 try/)
      for (let tries = 0; tries < 30 && (await delivered.count()) === 0; tries++) {
        await page.getByRole('button', { name: 'Reload' }).click()
        await page.waitForTimeout(500)
      }
      await page.getByRole('button', { name: /^Resend customer\.created/ }).focus()
      await page.keyboard.press('Enter')
      await page.getByText('sent again').waitFor(shown)
      for (let tries = 0; tries < 60 && receiver.got.length < 2; tries++) await page.waitForTimeout(250)
      t.equal(receiver.got.length, 2)
      t.equal(receiver.got[0]?.id, receiver.got[1]?.id)
      await vault.post('/v1/customers', { name: 'Another' })
      await page.getByText('Another').first().waitFor(shown)
      t.match(
        await page.evaluate('document.activeElement.getAttribute("aria-label")'),
        /^Resend customer\.created/,
        'the focus stays where it was when the list changes'
      )
    })

    for (const colorScheme of ['light', 'dark'] as const) {
      await t.test(`can be read in the ${colorScheme}, and on a narrow screen`, async (t) => {
        const vault = await startVault(t, { inspector: true })
        await vault
          .stripe()
          .paymentMethods.attach('pm_card_visa', { customer: (await vault.stripe().customers.create()).id })
        const page = await opened(t, vault, { colorScheme, viewport: { width: 360, height: 700 } })
        await page.getByText('•••• 4242').first().waitFor(shown)
        t.equal(
          await page.evaluate('document.documentElement.scrollWidth'),
          360,
          'nothing hangs over the edge'
        )
        for (const selector of [
          'h1',
          'h2',
          '.mode',
          '#state',
          '.attach label',
          '.attach form button',
          '.customer .id',
          '#events strong'
        ]) {
          const ratio = await contrastOf(page, selector)
          t.ok(ratio >= 4.5, `${selector}: ${ratio.toFixed(2)}`)
        }
      })
    }
  }
)

t.test('shows nothing to whoever has no secret key of test mode', async (t) => {
  const vault = await startVault(t, { inspector: shownTo })
  await vault.post('/v1/customers')
  const { test, live, publishable } = vault.keys
  for (const path of ['/inspector/events', '/inspector/requests']) {
    t.equal((await vault.get(path, {}, { key: null })).status, 401, path)
    t.equal((await vault.get(path, {}, { key: 'sk_test_none' })).status, 401, path)
    t.equal((await vault.get(path, {}, { key: publishable })).status, 401, path)
    t.equal((await vault.get(path, {}, { key: live })).status, 404, path)
  }
  const event = ((await vault.get('/v1/events')).body.data as { id: string }[])[0]?.id ?? ''
  t.equal((await vault.post(`/inspector/events/${event}/resend`, {}, { key: live })).status, 404)
  t.equal((await vault.post(`/inspector/events/${event}/resend`, {}, { key: test })).status, 200)
  t.equal((await vault.post('/inspector/events/evt_none/resend', {}, { key: test })).status, 404)
  const page = await fetch(`${vault.url}/inspector`)
  t.match(
    page.headers.get('content-security-policy'),
    /^default-src 'none'; script-src 'self'; style-src 'self'/
  )
  t.equal(page.headers.get('access-control-allow-origin'), null)
  t.notMatch(await page.text(), /sk_test_shown/)
})

t.test('a restricted key gets nothing of it, whatever it may do', async (t) => {
  const vault = await startVault(t, { inspector: true })
  const key = await createKey(vault.db, {
    ...{ livemode: false, kind: 'restricted', permissions: { events: 'write', customers: 'write' } }
  })
  t.equal((await vault.get('/v1/events', {}, { key })).status, 200)
  t.equal((await vault.get('/inspector/events', {}, { key })).status, 404)
  t.equal((await vault.get('/inspector/requests', {}, { key })).status, 404)
  t.equal((await vault.post('/inspector/events/evt_1/resend', {}, { key })).status, 404)
})

t.test('each account sees its own requests, those from when somebody began to look', async (t) => {
  const vault = await startVault(t, { inspector: true })
  const account = 'acct_other'
  await insertAccount(vault.db, account)
  const other = await createKey(vault.db, { account, livemode: false, kind: 'secret' })
  await vault.post('/v1/customers')
  const mine = await startReading(t, vault, vault.keys.test)
  const theirs = await startReading(t, vault, other)
  await vault.get('/v1/customers', { limit: 2 })
  await vault.get('/v1/events', {}, { key: other })
  t.match(await mine(), { method: 'GET', path: '/v1/customers', query: ['limit'], status: 200 })
  await vault.get('/v1/customers/cus_none')
  t.match(await mine(), {
    ...{ path: '/v1/customers/cus_none', status: 404 },
    response: { error: { code: 'resource_missing', param: 'id', message: '•••' } }
  })
  t.match(await theirs(), { path: '/v1/events', query: [] })
  const again = await startReading(t, vault, vault.keys.test)
  t.match(await again(), { path: '/v1/customers' }, 'whoever loads it again has missed nothing')
})

t.test('whoever does not read is cut off', async (t) => {
  const vault = await startVault(t, { inspector: true })
  const accepted = once(vault.app.server, 'connection') as Promise<[Socket]>
  const { hostname, port } = new URL(vault.url)
  const socket = connect(Number(port), hostname)
  t.teardown(() => socket.destroy())
  socket.on('error', () => undefined)
  socket.write(
    `GET /inspector/requests HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${vault.keys.test}\r\n\r\n`
  )
  const [served] = await accepted
  await once(socket, 'readable')
  const body = Array.from({ length: 290 }, (_, i) => `p${i}_${'x'.repeat(50)}=1`).join('&')
  let sent = 0
  // All that the two sides of a connection hold back comes first.
  while (sent < 3000 && !served.destroyed) {
    await Promise.all(Array.from({ length: 20 }, () => vault.post('/v1/customers', body)))
    sent += 20
  }
  t.ok(served.destroyed, `within ${sent} requests`)
  t.equal((await vault.get('/v1/customers')).status, 200, 'nobody else notices')
})

t.test('hands its key to a page of its own on this machine, and to no other', async (t) => {
  const vault = await startVault(t, { inspector: shownTo })
  const port = Number(new URL(vault.url).port)
  const keyAs = (headers: Record<string, string>) =>
    new Promise<unknown>((resolve, reject) => {
      httpRequest({ host: '127.0.0.1', port, path: '/inspector/key', headers }, (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += chunk.toString()))
        response.on('end', () => {
          resolve((JSON.parse(text) as { key: unknown }).key)
        })
      })
        .on('error', reject)
        .end()
    })
  t.equal(await keyAs({ host: `localhost:${port}` }), shownTo.secretKey)
  t.equal(await keyAs({ host: `127.0.0.1:${port}`, 'sec-fetch-site': 'same-origin' }), shownTo.secretKey)
  t.equal(await keyAs({ host: 'evil.example' }), null, 'a name that was led here')
  t.equal(await keyAs({ host: `localhost:${port}`, 'sec-fetch-site': 'cross-site' }), null)
  const bare = await startVault(t, { inspector: true })
  t.equal(((await (await fetch(`${bare.url}/inspector/key`)).json()) as { key: unknown }).key, null)
  const none = await startVault(t)
  t.equal((await fetch(`${none.url}/inspector`)).status, 404)
})

t.test('the app closes while somebody looks', async (t) => {
  const vault = await startVault(t, { inspector: true })
  const stream = await fetch(`${vault.url}/inspector/requests`, {
    headers: { authorization: `Bearer ${vault.keys.test}` }
  })
  const reader = stream.body?.getReader()
  await reader?.read()
  await vault.app.close()
  await t.rejects(async () => {
    for (;;) if ((await reader?.read())?.done !== false) throw new Error('ended')
  })
})

t.test('shows of a body its shape, and what is known to be harmless', async (t) => {
  t.strictSame(
    redacted({
      type: 'card',
      card: { number: '4242424242424242', cvc: '123', exp_month: 8, last4: '4242' },
      metadata: { order: '6735', status: 'x' },
      status: '4242424242424242',
      funding: '4242-4242 4242.4242',
      brand: 4242424242424242,
      payment_intent: 'pi_1_secret_2',
      usage: 'sk_test_123',
      reason: 'Jenny Rosen',
      code: 'a@b.example',
      client_secret: 'pi_1_secret_2',
      'card[number]': '4242',
      '4242424242424242': '',
      'metadata[jenny]': 'x',
      list: [1, { id: 'pm_1' }, 3, 4, 5, 6]
    }),
    {
      type: 'card',
      card: { number: '•••', cvc: '•••', exp_month: 8, last4: '4242' },
      metadata: '•••',
      status: '•••',
      funding: '•••',
      brand: '•••',
      payment_intent: '•••',
      usage: '•••',
      reason: '•••',
      code: '•••',
      client_secret: '•••',
      'card[number]': '•••',
      '•••': '•••',
      list: ['•••', { id: 'pm_1' }, '•••', '•••', '•••', '… 1 more']
    }
  )
  t.equal(redactedPath('/v1/payment_methods/pm_1Vbm00/attach'), '/v1/payment_methods/pm_1Vbm00/attach')
  t.equal(redactedPath('/v1/customers/4242424242424242'), '/v1/customers/•••')
  t.equal(redactedPath('/v1/customers/pm_4242424242424242'), '/v1/customers/•••')
  t.equal(redactedPath('/v1/payment_intents/pi_1_secret_2'), '/v1/payment_intents/•••')
  t.equal(redactedPath('/v1/customers/Jenny%20Rosen'), '/v1/customers/•••')
  const deep = JSON.parse(`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`) as unknown
  const wide = Array.from({ length: 5000 }, (_, i) => [`p${i}`, 1])
  for (const large of [deep, Object.fromEntries(wide)]) {
    t.ok(JSON.stringify(redacted(large)).length < 20_000, 'no more than a page can show')
  }
})

/** Opens the live log, which ends with `t`; gives back what reads the next request in it. */
async function startReading(t: Test, { url }: TestVault, key: string): Promise<() => Promise<Json>> {
  const leaving = new AbortController()
  t.teardown(() => {
    leaving.abort()
  })
  const headers = { authorization: `Bearer ${key}`, 'x-inspector': 'true' }
  const answer = await fetch(`${url}/inspector/requests`, { headers, signal: leaving.signal })
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  return async () => {
    for (;;) {
      const [, entry, rest] = /data: (.*)\n\n([^]*)/.exec(text) ?? []
      if (entry !== undefined) {
        text = rest ?? ''
        return JSON.parse(entry) as Json
      }
      text += (await reader?.read())?.value ?? ''
    }
  }
}

/** By the formula of WCAG 2: of the element's text to the nearest background behind it. */
const contrastOf = (page: Page, selector: string): Promise<number> =>
  page.evaluate(`(() => {
    const channels = (color) => color.match(/[\\d.]+/g).map(Number)
    const luminance = (color) => {
      const [r, g, b] = channels(color).slice(0, 3).map((each) => {
        const share = each / 255
        return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const element = document.querySelector(${JSON.stringify(selector)})
    let behind = element
    while (behind && (channels(getComputedStyle(behind).backgroundColor)[3] ?? 1) === 0) behind = behind.parentElement
    const [one, other] = [getComputedStyle(element).color, getComputedStyle(behind).backgroundColor].map(luminance)
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
  })()`)
