import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, it } from 'vitest'

import { connectControl } from '../../host-stub/whatsapp/client/control-client.ts'
import { networkState } from '../../host-stub/whatsapp/contract/control-contract.ts'
import { lookingBrowser, stumblingBlocks } from '../support/browser.ts'
import { startHost } from '../support/host-process.ts'

it(
  'on the page with the phones somebody sends an album and lets the messages of a chat disappear',
  { timeout: 120_000 },
  async context => {
    await using browser = await lookingBrowser(context)
    await using host = await startHost({ args: ['--simulate'] })
    const page = await browser.open(`${host.url}/simulated-phone`, { token: host.token })
    const button = (name: string | RegExp) =>
      page.getByRole('button', { name, ...(typeof name === 'string' && { exact: true }) })
    await button('Hand out three phones').click()
    await button('Alice').click()
    await button(/^Bob/).last().click()
    const said = page.getByRole('log', { name: 'Messages with Bob' })
    const words = page.getByRole('textbox', { name: 'Message' })

    await words.fill('our day')
    await button('Send a sample album').click()
    await said.getByText('An album: 3 pictures').waitFor()
    await said.getByRole('img', { name: 'our day' }).waitFor()
    await expect.poll(() => said.getByRole('img', { name: 'Picture' }).count(), { timeout: 20_000 }).toBe(2)

    const timer = page.getByLabel('Messages disappear')
    await timer.selectOption('after 24 hours')
    await said.getByText('Messages disappear after 24 hours').waitFor()
    await words.fill('soon gone')
    await button('Send').click()
    await said.getByTitle('It disappears').waitFor()
    expect(await timer.inputValue()).toBe('86400')
    expect(await stumblingBlocks(page)).toEqual([])

    const file = join(host.home, 'agentcy', 'simulated', 'network.json')
    const bob = await connectControl(networkState.parse(JSON.parse(readFileSync(file, 'utf8')))).phone('bob')
    const [album, ...others] = await bob.heard()
    expect(album).toMatchObject({ album: { images: 3, videos: 0 } })
    expect(
      others.map(({ pieceOf, file: sent, timerSet, expiration }) => [pieceOf, sent?.caption, timerSet, expiration]),
    ).toEqual([
      [album?.id, 'our day', undefined, null],
      [album?.id, '', undefined, null],
      [album?.id, '', undefined, null],
      [undefined, undefined, 86_400, null],
      [undefined, undefined, undefined, 86_400],
    ])
  },
)
