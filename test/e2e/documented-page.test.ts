import { expect, it } from 'vitest'

import { readQrPicture } from '../../host-stub/whatsapp/linking/qr-picture.ts'
import { followLink, followPairing } from '../support/events.ts'
import { storiesInTurn } from '../support/stories-in-turn.ts'

const { nextStory } = storiesInTurn()

const ulid = '[0-9A-HJKMNP-TV-Z]{26}'

it('every call of the documented page works in order, and answers what the page says', async () => {
  await using story = await nextStory()
  const { host, network, client } = story
  const owner = await network.phone('owner')
  const contact = await network.phone('contact', { phone: '+972500000002' })

  const configured = await host.request('POST', '/api/v1/channels/whatsapp/configure', {
    body: { fields: { display_name: 'Agentcy Assistant' } },
  })
  expect(configured).toMatchObject({ status: 200, body: { status: 'configured', channel: 'whatsapp' } })

  const started = await host.request('POST', '/api/v1/channels/whatsapp/qr/start')
  expect(started).toMatchObject({
    status: 200,
    body: {
      session_id: expect.stringMatching(new RegExp(`^qr_${ulid}$`)),
      qr_data_url: expect.stringMatching(/^data:image\/png;base64,/),
      expires_in: 60,
    },
  })
  const { session_id, qr_data_url } = started.body as { session_id: string; qr_data_url: string }
  const statusPath = `/api/v1/channels/whatsapp/qr/status?session_id=${session_id}`
  const pending = await host.request('GET', statusPath)
  expect(pending).toMatchObject({ status: 200, body: { status: 'pending', qr_data_url } })

  using pairing = followPairing(client, session_id)
  expect(readQrPicture(qr_data_url)).toContain('https://wa.me/settings/linked_devices#')
  await owner.scan(qr_data_url)
  await pairing.until(state => state.status === 'connected')
  const connected = await host.request('GET', statusPath)
  expect(connected).toMatchObject({ status: 200, body: { status: 'connected', phone: owner.phone } })

  const rule = { channel: 'whatsapp', group: '+972500000001' }
  const bound = await host.request('POST', '/api/v1/bindings', {
    body: { agent: 'incident-responder', match_rule: rule },
  })
  expect(bound).toMatchObject({
    status: 201,
    body: {
      id: expect.stringMatching(new RegExp(`^bnd_${ulid}$`)),
      agent: 'incident-responder',
      match_rule: rule,
      position: expect.any(Number),
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    },
  })
  const listed = await host.request('GET', '/api/v1/bindings?channel=whatsapp')
  expect(listed).toMatchObject({ status: 200, body: { bindings: [bound.body] } })

  const text = 'deploy complete — prod is green'
  const sent = await host.request('POST', '/api/v1/channels/whatsapp/send', { body: { to: '+972500000002', text } })
  expect(sent).toMatchObject({
    status: 202,
    body: { id: expect.stringMatching(/^snd_/), status: 'accepted', message_id: expect.stringMatching(/^msg_/) },
  })
  expect(await contact.hears(text)).toMatchObject({ from: { phone: owner.phone } })
  const { id } = sent.body as { id: string }
  const delivery = await host.request('GET', `/api/v1/channels/whatsapp/sends/${id}`)
  expect(delivery).toMatchObject({ status: 200, body: { id, to: '+972500000002', code: null } })

  const schema = await host.request('GET', '/api/v1/channels/whatsapp/schema')
  expect(schema).toMatchObject({
    status: 200,
    body: { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object', additionalProperties: false },
  })
  const tested = await host.request('POST', '/api/v1/channels/whatsapp/test')
  expect(tested).toMatchObject({ status: 200, body: { status: 'ok', phone: owner.phone } })

  const reloaded = await host.request('POST', '/api/v1/channels/reload')
  expect(reloaded).toMatchObject({ status: 200, body: { status: 'ok' } })
  using links = followLink(client)
  await links.until(state => state.status === 'connected')

  const removed = await host.request('DELETE', '/api/v1/channels/whatsapp/configure')
  expect(removed).toMatchObject({ status: 200, body: { status: 'removed', channel: 'whatsapp', unlinked: true } })
  const kept = await host.request('GET', '/api/v1/bindings?channel=whatsapp')
  // What WhatsApp said of the number went with the account that it was said to.
  const { not_on_whatsapp: _told, ...binding } = bound.body as Record<string, unknown>
  expect(kept).toMatchObject({ status: 200, body: { bindings: [{ ...binding, not_known_yet: ['group'] }] } })
  const catalog = await host.request('GET', '/api/v1/channels')
  expect(catalog).toMatchObject({ status: 200, body: { channels: [{ channel: 'whatsapp', configured: false }] } })
})

it('what comes too early says what to do first', async () => {
  await using story = await nextStory()
  const { host, client } = story
  const early = await host.request('POST', '/api/v1/channels/whatsapp/qr/start')
  expect(early).toMatchObject({ status: 409, body: { error: { code: 'channel_not_configured' } } })
  await client.whatsapp.configure.mutate({ fields: {} })
  const unpaired = await host.request('POST', '/api/v1/channels/whatsapp/test')
  expect(unpaired).toMatchObject({ status: 409, body: { error: { code: 'not_paired' } } })
  await story.link(await story.network.phone('owner'))
  const again = await host.request('POST', '/api/v1/channels/whatsapp/qr/start')
  expect(again).toMatchObject({ status: 409, body: { error: { code: 'already_connected' } } })
})
