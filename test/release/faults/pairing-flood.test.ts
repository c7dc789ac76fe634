import { expect, it } from 'vitest'

import { liftCallLimits } from '../../support/lifted-calls.ts'
import { given } from '../../support/given.ts'
import { startStory } from '../../support/story.ts'

it('F60: of two hundred pairings begun, one lives, and it still pairs', async () => {
  await using story = await startStory()
  const { network, host, client } = story
  await liftCallLimits(host)
  await client.whatsapp.configure.mutate({ fields: {} })
  const first = await client.whatsapp.qr.start.mutate()
  let newest = first
  for (let begun = 2; begun <= 200; begun++) newest = await client.whatsapp.qr.start.mutate()
  const open = (await network.ledger()).connects.length - (await network.ledger()).closings.length
  expect(open).toBeLessThanOrEqual(1)
  expect(
    await host.request('GET', `/api/v1/channels/whatsapp/qr/status?session_id=${first.session_id}`),
  ).not.toMatchObject({ body: { status: 'pending' } })
  expect(await (await network.phone('owner')).scan(given(newest.qr_data_url))).toMatchObject({ linked: true })
}, 120_000)
