import type { Locator, Page } from 'playwright-core'
import { expect, it } from 'vitest'

import type { PairingOutcome } from '../../host-stub/whatsapp/world/registration.ts'
import { readQrPicture } from '../../host-stub/whatsapp/linking/qr-picture.ts'
import type { WirePairing } from '../../plugin/contract/api/pairing.ts'
import { lookingBrowser, readFromPixels, stopwatch } from '../support/browser.ts'
import { followLink, followPairing } from '../support/events.ts'
import { freePort } from '../support/free-port.ts'
import type { HostProcess } from '../support/host-process.ts'
import type { PhoneCharacter } from '../support/network.ts'
import { startStory } from '../support/story.ts'

const CODE_MS = 4_000

const qrOn = (page: Page): Locator => page.getByAltText('QR code to scan with WhatsApp')
const button = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true })

/** Begins a pairing by a click, and tells which one it is. */
async function begins(page: Page, name: string): Promise<string> {
  const answered = page.waitForResponse(response => response.url().includes('whatsapp.qr.start') && response.ok())
  await button(page, name).click()
  const { result } = (await (await answered).json()) as { result: { data: { json: { session_id: string } } } }
  return result.data.json.session_id
}

/** The phone is held before the page until it has read a code that was still good then. */
async function scansFromPixels(phone: PhoneCharacter, page: Page): Promise<PairingOutcome> {
  await qrOn(page).waitFor()
  const outcome = await phone.scan(await readFromPixels(qrOn(page)))
  return outcome.linked || outcome.why !== 'stale_code' ? outcome : scansFromPixels(phone, page)
}

async function configures(page: Page, name: string): Promise<void> {
  await page.getByLabel('Display name').fill(name)
  await button(page, 'Save').click()
}

/** A host that is found at the same address after a restart, whose codes last so long. */
async function quickStory() {
  const port = String(await freePort())
  const story = await startStory({
    network: { qrValidity: [CODE_MS, CODE_MS] },
    host: { env: { PORT: port } },
  })
  await story.host.writeSettings({
    whatsapp: { qr: { first_seconds: CODE_MS / 1_000, next_seconds: CODE_MS / 1_000 } },
  })
  await story.client.channels.reload.mutate()
  return story
}

async function isConnected(host: HostProcess): Promise<boolean> {
  const { body } = await host.request('GET', '/api/v1/channels')
  return JSON.stringify(body).includes('"status":"connected"')
}

it(
  'the page shows each state of a pairing as it comes: rotation, expiry, the link, a conflict, restarts, the end, a code',
  { timeout: 150_000 },
  async context => {
    await using browser = await lookingBrowser(context)
    await using story = await quickStory()
    const { network, host, client } = story
    const watch = stopwatch()
    const owner = await network.phone('owner')
    const page = await browser.open(`${host.url}/channels`, { token: host.token })

    await page.getByRole('link', { name: 'Configure' }).click()
    await configures(page, 'Front desk')
    const session = await begins(page, 'Show the QR code')
    {
      using states = followPairing(client, session)
      const codes = new Set<string>()
      const isAnother = (state: WirePairing): boolean =>
        state.status === 'pending' && !codes.has(state.qr_data_url ?? '')
      for (const what of ['the first code', 'a rotation', 'another rotation']) {
        const state = await states.until(isAnother)
        const since = Date.now()
        const picture = state.status === 'pending' ? (state.qr_data_url ?? '') : ''
        codes.add(picture)
        await watch.sees(what, page.locator(`img[src="${picture}"]`), since)
        expect(await readFromPixels(qrOn(page))).toBe(readQrPicture(picture))
      }
      await states.until(({ status }) => status === 'expired', 40_000)
      await watch.sees('the expiry', button(page, 'Try again'), Date.now())
    }

    await begins(page, 'Try again')
    {
      using links = followLink(client)
      expect(await scansFromPixels(owner, page)).toMatchObject({ linked: true })
      await links.until(({ status }) => status === 'connected')
      await watch.sees('the link', page.getByText(owner.phone), Date.now())
    }

    await page.getByRole('link', { name: 'All channels' }).click()
    await page.getByLabel('Another number').fill('second')
    await button(page, 'Configure').click()
    await configures(page, 'Sales')
    const second = await begins(page, 'Show the QR code')
    {
      using states = followPairing(client, second)
      await scansFromPixels(owner, page)
      await states.until(({ status }) => status === 'conflict')
      await watch.sees('the conflict', page.getByText('already linked to another account of this host'), Date.now())
    }

    await begins(page, 'Link another phone')
    await qrOn(page).waitFor()
    await host.kill('SIGKILL')
    await watch.sees('that the host is away', page.getByText('The host does not answer.').first(), Date.now())
    await host.restart()
    await watch.sees('that it is back', page.getByText('Asking WhatsApp for a code …').or(qrOn(page)), Date.now())
    const other = await network.phone('other')
    expect(await scansFromPixels(other, page)).toMatchObject({ linked: true })
    await page.getByText(other.phone).waitFor()

    await page.getByRole('link', { name: 'All channels' }).click()
    await page.getByRole('link', { name: 'Front desk' }).click()
    await host.restart()
    await expect.poll(() => isConnected(host), { timeout: 15_000, interval: 100 }).toBe(true)
    await watch.sees('the link after a restart', page.getByText('connected', { exact: true }), Date.now())

    await network.faults.door('refuse')
    {
      using links = followLink(client)
      await network.faults.drop(owner)
      await links.until(({ status }) => status === 'waiting')
      await watch.sees('that WhatsApp is away', page.getByText(/Next attempt in|Trying now/), Date.now())
    }
    await network.faults.door('open')
    await page.getByText('connected', { exact: true }).waitFor()
    {
      using links = followLink(client)
      await owner.removesDevice()
      await links.until(({ reason }) => reason === 'logged_out')
      await watch.sees('that the phone ended it', page.getByText('The device was removed on the phone'), Date.now())
    }
    await page.getByText('Link with a phone number instead').click()
    await page.getByLabel('Number of the phone').fill(owner.phone)
    await button(page, 'Show a code').click()
    const code = await page.getByLabel('Pairing code').textContent()
    expect(await owner.entersCode(code ?? '')).toMatchObject({ linked: true })
    await page.getByText('connected', { exact: true }).waitFor()
    expect(watch.late()).toEqual([])
  },
)
