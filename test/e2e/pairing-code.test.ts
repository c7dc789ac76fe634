import { expect, it } from 'vitest'

import { codeStartResponse } from '../../plugin/contract/api/pairing.ts'
import { followPairing } from '../support/events.ts'
import { plant } from '../support/printed.ts'
import { given } from '../support/given.ts'
import { startStory } from '../support/story.ts'

const BEGIN = '/api/v1/channels/whatsapp/code/start'

it('a code is given for a number, seen by nobody who may not pair, and links when it is typed on the phone', async () => {
  await using story = await startStory({ host: { env: { LOG_LEVEL: 'trace' } } })
  const { client, host, network } = story
  const owner = await network.phone('owner')
  expect(await host.request('POST', BEGIN, { body: { phone: owner.phone } })).toMatchObject({
    status: 409,
    body: { error: { code: 'channel_not_configured' } },
  })
  await client.whatsapp.configure.mutate({ fields: {} })
  expect(await host.request('POST', BEGIN, { body: { phone: '12' } })).toMatchObject({ status: 400 })

  const begun = await host.request('POST', BEGIN, { body: { phone: owner.phone } })
  const { session_id, expires_in, ...shown } = codeStartResponse.strict().parse(begun.body)
  const pairing_code = given(shown.pairing_code)
  plant(pairing_code)
  plant(pairing_code.replace('-', ''))
  expect(pairing_code).toMatch(/^[1-9A-HJ-NP-TV-Z]{4}-[1-9A-HJ-NP-TV-Z]{4}$/)
  expect(expires_in).toBeGreaterThan(150)
  using states = followPairing(client, session_id)
  expect(await states.until(() => true)).toMatchObject({ status: 'pending', pairing_code })
  expect(await client.whatsapp.qr.status.query({ session_id })).not.toHaveProperty('qr_data_url')
  const viewer = story.clientOf(await host.mintToken('org_local', 'viewer'))
  expect(await viewer.whatsapp.qr.status.query({ session_id })).toEqual({
    status: 'pending',
    expires_in: expect.any(Number),
  })

  expect(await owner.entersCode(pairing_code)).toMatchObject({ linked: true })
  const connected = { status: 'connected', phone: owner.phone }
  expect(await states.until(({ status }) => status !== 'pending')).toEqual(connected)
  expect(await client.whatsapp.qr.status.query({ session_id })).toEqual(connected)
  await expect(client.whatsapp.code.start.mutate({ phone: owner.phone })).rejects.toMatchObject({
    data: { error: { code: 'already_connected' } },
  })
  const audited = await host.request('GET', '/api/v1/policies/audit?action=channel.code.start&decision=allow')
  expect(audited).toMatchObject({ status: 200 })
  expect(JSON.stringify(audited.body)).toContain(session_id)
  for (const printed of [host.logs(), JSON.stringify(audited.body)]) {
    for (const secret of [pairing_code, pairing_code.replace('-', ''), owner.phone.slice(1)]) {
      expect(printed).not.toContain(secret)
    }
  }
})
