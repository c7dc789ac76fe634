import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'

import { keepScreen, lookingBrowser, stumblingBlocks } from '../support/browser.ts'
import { startLinkedStory } from '../support/story.ts'

const LOOKS = [
  { width: 1_280, scheme: 'light' },
  { width: 375, scheme: 'dark' },
  { width: 1_280, scheme: 'dark' },
  { width: 375, scheme: 'light' },
] as const
const BROKEN = 'package agentcy.broken\n\ndeny[msg] {\n  msg := \n}\n'

/** Where each view is, and what is there once it has loaded. */
const VIEWS: readonly {
  readonly name: string
  readonly at: string
  readonly shows: (page: Page) => Promise<unknown>
}[] = [
  { name: 'channels', at: 'channels', shows: page => page.getByText('Front desk').first().waitFor() },
  { name: 'account', at: 'channels/default', shows: page => page.getByText('Linked number').waitFor() },
  { name: 'pairing', at: 'channels/sales', shows: showsCode },
  { name: 'messages', at: 'messages', shows: page => page.getByText('restart api').first().waitFor() },
  { name: 'message', at: 'messages', shows: opensMessage },
  { name: 'bindings', at: 'bindings', shows: page => page.getByText('incident-responder').first().waitFor() },
  { name: 'binding', at: 'bindings/new', shows: offersNames },
  { name: 'approvals', at: 'approvals', shows: page => page.getByText('service.restart').first().waitFor() },
  { name: 'policies', at: 'policies', shows: page => page.getByText('connectors').first().waitFor() },
  { name: 'policy', at: 'policies/new', shows: refusesPolicy },
  {
    name: 'deliveries',
    at: 'deliveries',
    shows: page => page.getByRole('listitem', { name: /^To/ }).first().waitFor(),
  },
  { name: 'audit', at: 'audit', shows: page => page.getByText('binding.create').first().waitFor() },
]

async function showsCode(page: Page): Promise<void> {
  await page
    .getByRole('button', { name: 'Show the QR code' })
    .or(page.getByRole('button', { name: 'Try again' }))
    .click()
  await page.getByAltText('QR code to scan with WhatsApp').waitFor()
}

/** An agent that nothing is bound to is known from the host alone. */
async function offersNames(page: Page): Promise<void> {
  for (const offered of ['#agents option[value="default"]', '#people option'])
    await page.locator(offered).first().waitFor({ state: 'attached' })
  await page.getByRole('button', { name: 'Save' }).waitFor()
}

async function opensMessage(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Details' }).first().click()
  await page.getByText('service.restart').first().waitFor()
}

async function refusesPolicy(page: Page): Promise<void> {
  await page.getByLabel('Name').fill('broken')
  await page.getByRole('textbox', { name: 'Source' }).fill(BROKEN)
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('list', { name: 'Problems' }).waitFor()
}

/** A number, a stranger whom nobody answers, and a tool call that waits. */
async function busyStory() {
  const story = await startLinkedStory()
  const { client, network, owner } = story
  const [alice, bob] = [await network.phone('alice'), await network.phone('bob')]
  await client.whatsapp.configure.mutate({ fields: { display_name: 'Front desk' } })
  await client.whatsapp.configure.mutate({ account: 'sales', fields: { display_name: 'Sales' } })
  await client.bindings.create.mutate({ agent: 'incident-responder', match_rule: { from: alice.phone } })
  await bob.says('Is anybody there?', { to: owner })
  await alice.says('status', { to: owner })
  await alice.hears(({ text }) => text.includes('database: up'), { from: owner })
  await alice.says('restart api', { to: owner })
  await alice.hears(({ text }) => text.includes('I have asked for approval'), { from: owner })
  return story
}

it(
  'every view is legible, labelled and within its width, in the dark and in the light',
  { timeout: 240_000 },
  async context => {
    await using browser = await lookingBrowser(context)
    await using story = await busyStory()
    const { url, token } = story.host
    const blocks: string[] = []
    for (const [index, { width, scheme }] of LOOKS.entries()) {
      const page = await browser.open(`${url}/channels`, { width, scheme, token })
      for (const { name, at, shows } of VIEWS) {
        await page.goto(`${url}/channels#/${at}`)
        await shows(page)
        // Each scheme and each width once is what the rules can tell apart.
        const found = index < 2 ? await stumblingBlocks(page) : []
        blocks.push(...found.map(block => `${name} at ${width}, ${scheme}: ${block}`))
        const wide = await page.evaluate('document.documentElement.scrollWidth')
        if (wide !== width) blocks.push(`${name} is ${String(wide)} wide at ${width}`)
        await keepScreen(
          page,
          `${name}-${width}-${scheme}`,
          scheme === 'light' && width === 1_280 && name === 'pairing',
        )
      }
      await page.close()
    }
    expect(blocks).toEqual([])
  },
)

it('the page is small enough for a slow line', () => {
  const script = readFileSync(new URL('../../dist/plugin/web/page.js', import.meta.url))
  expect(gzipSync(script).length).toBeLessThan(120_000)
})
