import { encodeBinaryNode } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'

import { codeStartResponse, qrStartResponse, qrStatusResponse } from '../../plugin/contract/api/pairing.ts'
import type { PasskeyOptions } from '../../plugin/contract/passkey.ts'
import { lookingBrowser } from '../support/browser.ts'
import { commandLine } from '../support/command-line.ts'
import { followLink, followPairing } from '../support/events.ts'
import { given } from '../support/given.ts'
import { passkeyIn, wantedIn, type PasskeyStory } from '../support/passkey-story.ts'
import { storiesInTurn } from '../support/stories-in-turn.ts'

const { nextStory } = storiesInTurn()

/** Begins a pairing and scans it, and gives its session with what the authenticator is asked. */
async function asked(story: PasskeyStory) {
  const { session_id, qr_data_url } = await story.client.whatsapp.qr.start.mutate()
  expect(await story.owner.scan(given(qr_data_url))).toMatchObject({ why: 'passkey_demanded' })
  return { session_id, ...(await wantedIn(story, session_id)) }
}

it('a passkey is asked of an admin over REST alone, refused with what is wrong, and links the number once it fits', async () => {
  await using story = await passkeyIn(await nextStory())
  const { network, host, client, owner, authenticator } = story
  const { session_id, options, passkey } = await asked(story)
  expect(Date.parse(passkey.expires_at) - Date.now()).toBeGreaterThan(580_000)
  const status = `/api/v1/channels/whatsapp/qr/status?session_id=${session_id}`
  const shown = qrStatusResponse.parse((await host.request('GET', status)).body)
  expect(shown).toMatchObject({ status: 'pending', passkey: { step: 'wanted', options } })
  expect(shown).not.toHaveProperty('qr_data_url')
  const member = await host.mintToken('org_local', 'member')
  const withheld = await host.request('GET', status, { headers: { authorization: `Bearer ${member}` } })
  expect(withheld.body).toEqual({ status: 'pending', expires_in: expect.any(Number) as number })

  const post = (assertion: unknown, token?: string) =>
    host.request('POST', '/api/v1/channels/whatsapp/passkey/answer', {
      body: { session_id, assertion },
      ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
    })
  const good = authenticator.answers(options)
  expect(await post(good, member)).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } })
  const elsewhere = authenticator.answers(options, { origin: 'https://example.com' })
  const message = expect.stringContaining('https://web.whatsapp.com') as string
  expect(await post(elsewhere)).toMatchObject({ status: 422, body: { error: { code: 'wrong_passkey', message } } })
  expect(await post('not the answer')).toMatchObject({ status: 422 })
  expect((await network.ledger()).passkeys).toEqual([])

  using links = followLink(client)
  expect(await post(good)).toMatchObject({ status: 200, body: { status: 'given' } })
  expect(await post(good)).toMatchObject({ status: 409, body: { error: { code: 'passkey_not_awaited' } } })
  await links.until(({ status: each }) => each === 'connected')
  expect((await host.request('GET', status)).body).toMatchObject({ status: 'connected', phone: owner.phone })
  const logs = host.logs()
  const secrets = [options.challenge, good.id, ...Object.values(good.response)].map(String)
  expect(secrets.filter(secret => logs.includes(secret))).toHaveLength(0)
})

it('a passkey that is wanted before any code is what code/start answers with, and it links the number', async () => {
  await using story = await passkeyIn(await nextStory())
  const { network, host, client, owner, authenticator } = story
  await network.behaves({ passkey_comes: 'before_any_code' })
  const begin = () => host.request('POST', '/api/v1/channels/whatsapp/code/start', { body: { phone: owner.phone } })
  await network.faults.passkey(owner, 'options_garbled')
  expect(await begin()).toMatchObject({ status: 503, body: { error: { code: 'pairing_refused' } } })
  await network.faults.passkey(owner, null)
  const begun = await begin()
  expect(begun).toMatchObject({ status: 200, body: { passkey: { step: 'wanted' } } })
  expect(begun.body).not.toHaveProperty('pairing_code')
  const { session_id, passkey, expires_in } = codeStartResponse.strict().parse(begun.body)
  expect(expires_in).toBe(600)
  if (!passkey?.options) throw new Error('no passkey is wanted')
  using pairing = followPairing(client, session_id)
  const assertion = JSON.stringify(authenticator.answers(passkey.options))
  await client.whatsapp.passkey.answer.mutate({ session_id, assertion })
  expect(await pairing.until(({ status }) => status !== 'pending')).toEqual({ status: 'connected', phone: owner.phone })
})

it('a passkey that is wanted before the first QR code is what qr/start answers with', async () => {
  await using story = await passkeyIn(await nextStory())
  const { network, host } = story
  await network.faults.door('mute')
  const options = { challenge: 'aGVsbG8gaGVsbG8gaGVsbG8', rpId: 'whatsapp.com' }
  const demand = encodeBinaryNode({
    tag: 'notification',
    attrs: { from: '@s.whatsapp.net', type: 'passkey_prologue_request', id: '1' },
    content: [{ tag: 'passkey_request_options', attrs: {}, content: Buffer.from(JSON.stringify(options)) }],
  })
  const beginning = host.request('POST', '/api/v1/channels/whatsapp/qr/start')
  while ((await network.faults.write(null, [demand])) === 0) await network.ledger()
  const begun = await beginning
  expect(begun).toMatchObject({ status: 200, body: { passkey: { step: 'wanted', options } } })
  expect(qrStartResponse.strict().parse(begun.body)).not.toHaveProperty('qr_data_url')
})

it('the page shows the script whole, which asks a browser and sends nothing, and takes what is pasted', async context => {
  await using browser = await lookingBrowser(context)
  await using story = await passkeyIn(await nextStory())
  const { host, owner, authenticator } = story
  const page = await browser.open(`${host.url}/channels`, { token: host.token })
  await page.getByRole('link', { name: 'Front desk' }).click()
  const answered = page.waitForResponse(response => response.url().includes('whatsapp.qr.start') && response.ok())
  await page.getByRole('button', { name: 'Show the QR code' }).click()
  const { result } = (await (await answered).json()) as { result: { data: { json: { qr_data_url: string } } } }
  await owner.scan(result.data.json.qr_data_url)

  const script = await page.getByRole('group', { name: 'Script' }).textContent()
  const place = await browser.open(`${host.url}/channels`)
  // A page of WhatsApp's own, as far as the script can tell, with this authenticator behind its browser.
  await place.exposeFunction('authenticate', (asking: PasskeyOptions) => authenticator.answers(asking))
  await place.evaluate(`
    const plain = bytes => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
    const raw = text => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), each => each.charCodeAt(0)).buffer
    Object.defineProperty(navigator, 'credentials', { value: { get: async ({ publicKey }) => {
      const { rawId, type, response } = await authenticate({ challenge: plain(publicKey.challenge) })
      const parts = Object.entries(response).map(([name, value]) => [name, raw(value)])
      return { id: rawId, rawId: raw(rawId), type, response: Object.fromEntries(parts) }
    } } })`)
  const requests: string[] = []
  place.on('request', request => requests.push(request.url()))
  await place.evaluate(script ?? '')
  await place.getByRole('button', { name: 'Show the passkey' }).click()
  const box = place.getByRole('textbox').last()
  await expect.poll(() => box.inputValue()).toContain('"signature"')
  expect(requests).toEqual([])

  const answer = page.getByLabel('The answer')
  await answer.fill('NotAllowedError')
  await page.getByRole('button', { name: 'Give the answer' }).click()
  await page.getByText('That is not the whole answer.').waitFor()
  await answer.fill(await box.inputValue())
  await page.getByRole('button', { name: 'Give the answer' }).click()
  await page.getByText('connected', { exact: true }).waitFor()
  await page.getByText(owner.phone).first().waitFor()
})

it('the command line shows the script, and takes the answer from what is piped in', async () => {
  await using story = await passkeyIn(await nextStory())
  const { host, owner, authenticator, network } = story
  using cli = commandLine({ AGENTCY_URL: host.url, AGENTCY_TOKEN: host.token })
  const { session_id, options } = await asked(story)
  const wrong = await cli.piped(['passkey', session_id], '{}').ended
  expect([wrong.status, wrong.err]).toEqual([1, expect.stringContaining('wrong_passkey')])
  expect((await network.ledger()).passkeys).toEqual([])
  const given = await cli.piped(['passkey', session_id], JSON.stringify(authenticator.answers(options), null, 1)).ended
  expect([given.status, given.out]).toEqual([0, 'It was sent to WhatsApp. pair shows the result.\n'])
  using pairing = followPairing(story.client, session_id)
  expect(await pairing.until(({ status }) => status !== 'pending')).toEqual({ status: 'connected', phone: owner.phone })
})
