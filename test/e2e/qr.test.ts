import { describe, expect, it } from 'vitest'

import { followPairing } from '../support/events.ts'
import { given } from '../support/given.ts'
import type { PhoneCharacter } from '../support/network.ts'
import { shared } from '../support/shared.ts'
import { startStory, type Story } from '../support/story.ts'

const CODES = 6

/** Codes that last a second each, told to the gateway in its handshake and to the network alike. */
async function startQuickStory(): Promise<Story> {
  const story = await startStory({ network: { qrValidity: [1_000, 1_000] } })
  await story.host.writeSettings({ whatsapp: { qr: { first_seconds: 1, next_seconds: 1 } } })
  await story.client.channels.reload.mutate()
  return story
}

const picturesOf = (states: readonly { status: string; qr_data_url?: string | undefined }[]): string[] => [
  ...new Set(states.flatMap(({ qr_data_url }) => (qr_data_url === undefined ? [] : [qr_data_url]))),
]

/** Scans the code that is shown, as a person does: when the phone came too late for it, the next one. */
async function scanNewest(phone: PhoneCharacter, states: ReturnType<typeof followPairing>) {
  for (;;) {
    const shown = picturesOf(states.seen)
    const outcome = await phone.scan(shown.at(-1) ?? '')
    if (outcome.linked || shown.length === CODES) return outcome
    await states.until(() => picturesOf(states.seen).length > shown.length)
  }
}

describe('the QR code', () => {
  const story = shared(startQuickStory)

  /** Begins to pair an account of its own. */
  async function begin(account: string) {
    const { client } = story()
    await client.whatsapp.configure.mutate({ account, fields: {} })
    return client.whatsapp.qr.start.mutate({ account })
  }

  it('rotates through six codes, seen live and by polling, and expires', async () => {
    const { client, network } = story()
    const { connects } = await network.ledger()
    const { session_id, qr_data_url } = await begin('patient')
    using states = followPairing(client, session_id)
    const polled: string[] = []
    for (let shown = 1; shown <= CODES; shown++) {
      const live = await states.until(() => picturesOf(states.seen).length === shown)
      const poll = await client.whatsapp.qr.status.query({ session_id })
      expect(live.status).toBe('pending')
      if (poll.status === 'pending') polled.push(poll.qr_data_url ?? '')
    }
    await states.until(({ status }) => status === 'expired')
    const live = picturesOf(states.seen)
    expect(live).toHaveLength(CODES)
    expect(live[0]).toBe(qr_data_url)
    expect(polled).toEqual(live)
    expect(await client.whatsapp.qr.status.query({ session_id })).toEqual({ status: 'expired', account: 'patient' })
    expect((await network.ledger()).connects).toHaveLength(connects.length + 1)
  })

  it('is refused by the phone when it is stale, and a later one still pairs', async () => {
    const { client, network } = story()
    const owner = await network.phone('owner')
    const { session_id, qr_data_url } = await begin('slow')
    using states = followPairing(client, session_id)
    await states.until(() => picturesOf(states.seen).length === 3)
    expect(await owner.scan(given(qr_data_url))).toEqual({ linked: false, why: 'stale_code' })
    expect(await scanNewest(owner, states)).toMatchObject({ linked: true })
    const end = await states.until(({ status }) => status !== 'pending')
    expect(end).toEqual({ status: 'connected', account: 'slow', phone: owner.phone })
  })

  it('is shown to nobody who may not pair', async () => {
    const { host } = story()
    const { session_id } = await begin('watched')
    const viewer = await host.mintToken('org_local', 'viewer')
    const seen = await host.request('GET', `/api/v1/channels/whatsapp/qr/status?session_id=${session_id}`, {
      headers: { authorization: `Bearer ${viewer}` },
    })
    expect(seen).toMatchObject({ status: 200, body: { status: 'pending' } })
    expect(seen.body).not.toHaveProperty('qr_data_url')
  })
})
