import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { FrameLocator, Page } from 'playwright-core'
import { expect, it } from 'vitest'

import { openTokens } from '../../host-stub/agentcy/tokens.ts'
import { connectControl } from '../../host-stub/whatsapp/client/control-client.ts'
import { networkState } from '../../host-stub/whatsapp/contract/control-contract.ts'
import { keepScreen, lookingBrowser, readFromPixels, stumblingBlocks } from '../support/browser.ts'
import { startHost, type HostProcess } from '../support/host-process.ts'

const button = (place: Page | FrameLocator, name: string | RegExp) =>
  place.getByRole('button', { name, ...(typeof name === 'string' && { exact: true }) })
const place = (page: Page, name: string | RegExp) => page.getByRole('link', { name })

const signInLink = (host: HostProcess): string => /http:\S+\/channels#signin=\S+/.exec(host.logs())?.[0] ?? ''

/** The simulated network that the host has started, for what only a phone before a screen can do: to look at it. */
const networkOf = ({ home }: HostProcess) =>
  connectControl(
    networkState.parse(JSON.parse(readFileSync(join(home, 'agentcy', 'simulated', 'network.json'), 'utf8'))),
  )

async function writes(phone: FrameLocator, text: string): Promise<void> {
  await phone.getByRole('textbox', { name: 'Message' }).fill(text)
  await button(phone, 'Send').click()
}

it(
  'somebody with a browser and no phone plays all of it by clicks, from an empty home to a tool call that is approved',
  { timeout: 120_000 },
  async context => {
    await using browser = await lookingBrowser(context)
    await using host = await startHost({ args: ['--simulate'] })
    const link = signInLink(host)
    const page = await browser.open(link, { width: 1_440 })
    const phone = page.frameLocator('iframe')

    // Signed in by the link, which is gone from the address, and of no use to anybody else.
    await place(page, 'Configure').waitFor()
    expect(page.url()).not.toContain('signin')
    // Opened in the same tab once more it is gone again, and signs nobody out.
    await page.goto(link)
    await expect.poll(() => page.url()).not.toContain('signin')
    await page.goto('about:blank')
    const answered = page.waitForResponse(response => response.url().endsWith('/auth/exchange'))
    await page.goto(link)
    await answered
    await place(page, 'Configure').click()
    const late = await browser.open(link)
    await late.getByText('This link was already used').waitFor()
    await keepScreen(late, 'sign-in-1280-light')
    expect(await stumblingBlocks(late)).toEqual([])
    await late.close()

    await page.getByLabel('Display name').fill('Front desk')
    await button(page, 'Save').click()
    await button(page, 'Show the QR code').click()
    const qr = page.getByAltText('QR code to scan with WhatsApp')
    await qr.waitFor()
    await button(page, 'Phone').click()
    await button(phone, 'Hand out three phones').click()
    const owner = await networkOf(host).phone('owner')
    expect(await owner.scan(await readFromPixels(qr))).toMatchObject({ linked: true })
    await page.getByText('Linked number').waitFor()

    await button(phone, 'Alice').click()
    await button(phone, /^Owner linked number/).click()
    await writes(phone, 'Is anybody there?')
    await place(page, 'Messages').click()
    await place(page, 'Details').click()
    await place(page, 'Add a binding for this').click()
    await page.getByLabel(/^Agent/).fill('incident-responder')
    await button(page, 'Save').click()
    await page
      .getByRole('list', { name: /^Bindings, in the order/ })
      .getByText('incident-responder')
      .waitFor()

    await writes(phone, 'restart api')
    await phone.getByText('I have asked for approval').waitFor()
    await place(page, /^Approvals/).click()
    const waiting = page.getByRole('article').filter({ hasText: 'service.restart' })
    await waiting.getByText('"name": "api"').waitFor()
    await button(page, 'Approve').click()
    await phone.getByText('That was approved.').waitFor()
    await phone.getByText(/restarted/).waitFor()

    await place(page, 'Messages').click()
    await place(page, 'Details').first().click()
    await page.getByText('service.restart').waitFor()
    await place(page, 'Audit').click()
    await page.getByText('approval.decide').first().waitFor()

    // Beside each other where there is room, and in the hand of somebody who reads in the dark.
    await place(page, 'Messages').click()
    await page.getByText('Time per hop').waitFor()
    await keepScreen(page, 'phone-1440-light', true)
    expect(await stumblingBlocks(page)).toEqual([])
    await button(page, 'Phone').click()
    await page.setViewportSize({ width: 375, height: 800 })
    await page.emulateMedia({ colorScheme: 'dark' })
    await place(page, 'Phone').click()
    await button(phone, 'Alice').waitFor()
    await keepScreen(page, 'phone-375-dark')
    expect(await stumblingBlocks(page)).toEqual([])

    // As after a long day: the token is over, and the page says so instead of standing still.
    const tokens = openTokens(join(host.home, 'agentcy', 'simulated'))
    for (const { id } of tokens.list().filter(({ origin }) => origin === 'page')) tokens.revoke(id)
    await page.getByText('The token is no longer valid. Sign in again.').waitFor()
  },
)
