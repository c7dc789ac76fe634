import { existsSync, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'

import type { AxeResults } from 'axe-core'
import jsqr from 'jsqr'
import { type Browser, chromium, type Locator, type Page } from 'playwright-core'
import { PNG } from 'pngjs'
import sharp from 'sharp'
import type { TestContext } from 'vitest'

const CHROMIUM = '/usr/bin/chromium'
const MISSING = 'chromium not installed: apt-get install chromium'
/** It would look for its maker's hosts, which are none of ours. */
const QUIET = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']

/** How a page is looked at. */
export type Looking = {
  readonly width?: number
  readonly scheme?: 'light' | 'dark'
  /** Signed in as whoever has this token; by nobody when left out. */
  readonly token?: string
}

/** A real browser. Its disposal fails the test when a page asked another origin, broke its policy or threw. */
export type Looker = AsyncDisposable & {
  open(url: string, looking?: Looking): Promise<Page>
}

const REPORT_VIOLATIONS = `addEventListener('securitypolicyviolation', event =>
  console.error('policy violated: ' + event.violatedDirective + ' ' + event.blockedURI))`

function watch(page: Page, faults: string[]): void {
  page.on('pageerror', error => faults.push(`thrown: ${error.message}`))
  page.on('console', message => {
    if (message.text().startsWith('policy violated')) faults.push(message.text())
  })
  page.on('request', request => {
    const { protocol, host } = new URL(request.url())
    const own = protocol === 'data:' || protocol === 'blob:' || host.startsWith('127.0.0.1:')
    if (!own) faults.push(`asked of another origin: ${host}`)
  })
}

/** A browser for one test, which is skipped with the reason where there is none. */
export async function lookingBrowser(context: TestContext): Promise<Looker> {
  if (!existsSync(CHROMIUM)) context.skip(MISSING)
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM, args: QUIET })
  const faults: string[] = []
  return {
    async open(url, { width = 1_280, scheme = 'light', token } = {}) {
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme })
      watch(page, faults)
      await page.addInitScript(REPORT_VIOLATIONS)
      if (token !== undefined) {
        const kept = JSON.stringify(token)
        await page.addInitScript(
          `sessionStorage.getItem('agentcy.token') ?? sessionStorage.setItem('agentcy.token', ${kept})`,
        )
      }
      await page.goto(url)
      return page
    },
    async [Symbol.asyncDispose]() {
      await browser.close()
      if (faults.length > 0) throw new Error([...new Set(faults)].join('\n'))
    },
  }
}

/** What a camera reads that is held before what the page shows. */
export async function readFromPixels(shown: Locator): Promise<string> {
  const { data, width, height } = PNG.sync.read(await shown.screenshot())
  const found = jsqr.default(new Uint8ClampedArray(data), width, height)
  if (!found) throw new Error('no code can be read from these pixels')
  return found.data
}

/** Notes how long after an event each thing was to be seen. */
export function stopwatch() {
  const lags: { readonly what: string; readonly ms: number }[] = []
  return {
    lags,
    /** Waits until it is shown, which began at that instant; ms UTC. */
    async sees(what: string, shown: Locator, since: number): Promise<void> {
      await shown.waitFor({ timeout: 15_000 })
      lags.push({ what, ms: Date.now() - since })
    },
    late: () => lags.filter(({ ms }) => ms > 1_000),
  }
}

const SCREENS = join(import.meta.dirname, '../e2e/screens')

/** Keeps what is shown as a picture; those that the README shows, small, when it is asked for by `README_SCREENS=1`. */
export async function keepScreen(page: Page, name: string, inReadme = false): Promise<void> {
  const shown = sharp(await page.screenshot({ fullPage: true }))
  const folder = inReadme && process.env['README_SCREENS'] === '1' ? join(SCREENS, 'readme') : SCREENS
  await mkdir(folder, { recursive: true })
  const kept = folder === SCREENS ? shown : shown.resize({ width: 880 })
  await kept.png({ palette: true }).toFile(join(folder, `${name}.png`))
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What people who cannot see, hear or point well would stumble over, by axe's rules for WCAG 2.2 AA and its best practices. */
export async function stumblingBlocks(page: Page): Promise<string[]> {
  const found: string[] = []
  for (const frame of page.frames()) {
    await frame.evaluate(AXE)
    const { violations } = (await frame.evaluate('axe.run()')) as AxeResults
    found.push(...violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`)))
  }
  return found
}
