import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import type { Test } from 'tap'

const places = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'
]

/** Where a Chromium is on this machine (`CHROMIUM` says it too); undefined without one. */
export const chromiumPath = (): string | undefined =>
  places.find((place): place is string => place !== undefined && existsSync(place))

/** A real browser, which closes with `t`. */
export async function startBrowser(t: Test, executablePath: string): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath,
    // Its sandbox needs rights that a container does not give, and root never has.
    args: ['--no-sandbox', '--disable-dev-shm-usage']
  })
  t.teardown(() => browser.close())
  return browser
}
