import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import Stripe from 'stripe'
import { startServer } from '../../../src/server/server'
import { readSettings } from '../../../src/server/settings'
import { chromiumPath } from '../../helpers/server/browser'

const key = 'sk_test_screenshots00000000'

/** node --import tsx test/server/screenshots/make.ts: the pictures of the pages that the README shows, out of a real browser. */
async function main(): Promise<void> {
  const executablePath = chromiumPath()
  if (executablePath === undefined) throw new Error('It takes a Chromium: CHROMIUM says where one is.')
  const folder = await mkdtemp(join(tmpdir(), 'payment-vault-screenshots-'))
  // Postgres is another user when we are root.
  await chmod(folder, 0o711)
  const settings = readSettings({ PORT: '0', PAYMENT_VAULT_DATA: folder, PAYMENT_VAULT_SECRET_KEY: key })
  const server = await startServer(settings, () => undefined)
  const receiver = createServer((_request, response) => response.end()).listen(0, '127.0.0.1')
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
  try {
    await populate(server.url, `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/webhooks`)
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ colorScheme, viewport: { width: 1200, height: 840 } })
      await page.goto(`${server.url}/inspector`)
      await page.getByText('live', { exact: true }).waitFor()
      await doSomething(server.url)
      await page.getByText('replayed').first().waitFor()
      await page.getByText('/attach').first().click()
      await page.waitForTimeout(1000)
      await shoot(page, `inspector-${colorScheme}`)
      await page.close()
    }
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } })
    await page.goto(`${server.url}/docs#/PaymentMethods/PostPaymentMethodsPaymentMethodAttach`)
    await page.getByRole('button', { name: 'Execute' }).waitFor()
    await page.waitForTimeout(500)
    await shoot(page, 'docs')
  } finally {
    await browser.close()
    await server.stop()
    receiver.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const sdk = (url: string): Stripe =>
  new Stripe(key, { host: '127.0.0.1', port: Number(new URL(url).port), protocol: 'http', telemetry: false })

async function populate(url: string, hooks: string): Promise<void> {
  const stripe = sdk(url)
  await stripe.webhookEndpoints.create({ url: hooks, enabled_events: ['payment_method.attached'] })
  const people = [
    ['Jenny Rosen', 'pm_card_visa', 'pm_card_mastercard'],
    ['Ada Lovelace', 'pm_card_amex']
  ] as const
  for (const [name, ...cards] of people) {
    const customer = await stripe.customers.create({ name })
    for (const card of cards) {
      const { id } = await stripe.paymentMethods.attach(card, { customer: customer.id })
      await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: id } })
    }
  }
}

async function doSomething(url: string): Promise<void> {
  const stripe = sdk(url)
  const { data } = await stripe.customers.list({ limit: 2 })
  const customer = data[0]?.id ?? ''
  const idempotencyKey = `shown-${customer}`
  for (let i = 0; i < 2; i++) await stripe.setupIntents.create({ customer }, { idempotencyKey })
  await stripe.paymentMethods
    .attach('pm_1MqM05LkdIwHu7ixlDxxO6Mc', { customer: 'cus_none' })
    .catch(() => undefined)
  await stripe.paymentIntents.create({ amount: 2000, currency: 'usd', customer })
}

const shoot = (page: Page, name: string) => page.screenshot({ path: join(__dirname, `${name}.png`) })

void main()
