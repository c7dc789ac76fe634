import { expect, it } from 'vitest'

import { qrStartResponse } from '../../plugin/contract/api/pairing.ts'
import { lookingBrowser } from '../support/browser.ts'
import { commandLine } from '../support/command-line.ts'
import { passkeyIn, wantedIn } from '../support/passkey-story.ts'
import { clockIn } from '../support/set-clock.ts'
import { given } from '../support/given.ts'
import { storiesInTurn } from '../support/stories-in-turn.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { ON_WHITE, scanPrinted } from '../support/terminal-code.ts'

const { nextStory } = storiesInTurn()

/** Later than this after WhatsApp asked, a person compares a code. */
const LATE_MS = 300_000

/** A story whose clock can be set. */
async function lateStory() {
  const folder = await temporaryFolder()
  const clock = clockIn(folder.path)
  const story = await passkeyIn(await nextStory({ host: { env: clock.environment } }))
  return {
    ...story,
    clock,
    [Symbol.asyncDispose]: async () => {
      await story[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}
type Late = Awaited<ReturnType<typeof lateStory>>

/** What the phone shows once it was told of the answer, as people read it. */
async function shownOnPhone({ network }: Late): Promise<string> {
  const { passkeyCodes, passkeys } = await network.ledgerWhen(page => page.passkeyCodes.length === 1)
  expect(passkeys.map(({ step }) => step)).toEqual(['ref', 'passkey_prologue', 'companion_nonce'])
  return given(passkeyCodes[0]).replace(/^.{4}/, '$&-')
}

it('on the page a person compares the code with the phone’s, and only then is the number linked', async context => {
  await using browser = await lookingBrowser(context)
  await using story = await lateStory()
  const { host, client, clock, owner, authenticator, network } = story
  const page = await browser.open(`${host.url}/channels`, { token: host.token })
  await page.getByRole('link', { name: 'Front desk' }).click()
  const answered = page.waitForResponse(response => response.url().includes('whatsapp.qr.start') && response.ok())
  await page.getByRole('button', { name: 'Show the QR code' }).click()
  const { result } = (await (await answered).json()) as { result: { data: { json: unknown } } }
  const { session_id, qr_data_url } = qrStartResponse.parse(result.data.json)
  await owner.scan(given(qr_data_url))
  const { options } = await wantedIn(story, session_id)
  await page.getByRole('group', { name: 'Script' }).waitFor()

  clock.set(LATE_MS)
  await page.getByLabel('The answer').fill(JSON.stringify(authenticator.answers(options)))
  await page.getByRole('button', { name: 'Give the answer' }).click()
  const shown = page.getByLabel('Code to compare')
  await shown.waitFor()
  expect(await shown.textContent()).toBe(await shownOnPhone(story))
  const member = story.clientOf(await host.mintToken('org_local', 'member'))
  expect(await member.whatsapp.qr.status.query({ session_id })).not.toHaveProperty('passkey')
  expect(await client.whatsapp.qr.status.query({ session_id })).toMatchObject({ passkey: { step: 'compare' } })

  await page.getByRole('button', { name: 'The phone shows the same code' }).click()
  await page.getByText('connected', { exact: true }).waitFor()
  await page.getByText(owner.phone).first().waitFor()
  expect((await network.ledger()).passkeys.at(-1)).toEqual({ step: 'encrypted_pairing_request', outcome: 'taken' })
})

it('a person who sees another code confirms nothing: stopping there leaves nothing linked', async context => {
  await using browser = await lookingBrowser(context)
  await using story = await lateStory()
  const { host, client, clock, authenticator, network } = story
  await network.behaves({ passkey_comes: 'before_any_code' })
  const page = await browser.open(`${host.url}/channels`, { token: host.token })
  await page.getByRole('link', { name: 'Front desk' }).click()
  await page.getByText('Link with a phone number instead').click()
  await page.getByLabel('Number of the phone').fill(story.owner.phone)
  const answered = page.waitForResponse(response => response.url().includes('whatsapp.code.start') && response.ok())
  await page.getByRole('button', { name: 'Show a code' }).click()
  const { result } = (await (await answered).json()) as { result: { data: { json: { session_id: string } } } }
  const { session_id } = result.data.json
  const { options } = await wantedIn(story, session_id)
  clock.set(LATE_MS)
  await client.whatsapp.passkey.answer.mutate({ session_id, assertion: JSON.stringify(authenticator.answers(options)) })
  await page.getByLabel('Code to compare').waitFor()
  await client.whatsapp.qr.start.mutate()
  expect(await client.whatsapp.qr.status.query({ session_id })).toEqual({ status: 'expired' })
  await expect(client.whatsapp.passkey.confirm.mutate({ session_id })).rejects.toMatchObject({
    data: { error: { code: 'passkey_not_awaited' } },
  })
  const { passkeys, pairings } = await network.ledger()
  expect([passkeys.at(-1)?.step, pairings]).toEqual(['companion_nonce', []])
  await page.getByRole('button', { name: 'Try again' }).waitFor()
})

it('the command line draws the code, and goes on once a person has said that the phone shows it', async () => {
  await using story = await lateStory()
  const { host, clock, owner, authenticator } = story
  using cli = commandLine({ AGENTCY_URL: host.url, AGENTCY_TOKEN: host.token })
  const pairing = cli.onTerminal(['pair'])
  const printed = await pairing.until(out => out.includes('This code is valid for'))
  await owner.scan(given(scanPrinted(printed, ON_WHITE)))
  const [, session] = /agentcy-whatsapp passkey (qr_\w+)/.exec(
    await pairing.until(out => /agentcy-whatsapp passkey qr_\w+\s/.test(out)),
  ) ?? ['', '']
  const { options } = await wantedIn(story, given(session))
  clock.set(LATE_MS)
  const answer = JSON.stringify(authenticator.answers(options))
  expect(await cli.piped(['passkey', given(session)], answer).ended).toMatchObject({ status: 0 })
  const compared = await pairing.until(out => out.includes('--confirm'))
  expect(compared).toContain(await shownOnPhone(story))
  expect(await cli.piped(['passkey', given(session), '--confirm']).ended).toMatchObject({ status: 0 })
  const { status, out } = await pairing.ended
  expect([status, out.trimEnd().split('\n').at(-1)]).toEqual([0, expect.stringContaining(`Linked: ${owner.phone}`)])
})
