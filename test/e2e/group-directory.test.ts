import { expect, it } from 'vitest'

import { startLinkedStory } from '../support/story.ts'

it.each(['lid', 'pn'] as const)(
  'groups addressed by %s are listed, with all addresses of their members',
  async mode => {
    await using story = await startLinkedStory()
    const { network, host, client, owner } = story
    const alice = await network.phone('alice')
    const team = await network.group('Team', [alice, owner], { addressingMode: mode })
    const elsewhere = await network.group('Elsewhere', [alice])
    expect(await client.whatsapp.groups.list.query()).toEqual({ groups: [{ id: team.id, subject: 'Team', size: 2 }] })

    const before = (await network.ledger()).queries['w:g2'] ?? 0
    for (let time = 0; time < 3; time += 1) {
      expect(await client.whatsapp.groups.get.query({ id: team.id })).toMatchObject({
        subject: 'Team',
        members: [
          { address: alice.phone, phone: alice.phone, lid: alice.lid, admin: true },
          { address: owner.phone, phone: owner.phone, lid: owner.lid, admin: false },
        ],
      })
      await client.whatsapp.groups.list.query()
    }
    expect((await network.ledger()).queries['w:g2']).toBe(before + 1)

    const path = '/api/v1/channels/whatsapp/groups'
    expect(await host.request('GET', `${path}/${elsewhere.id}`)).toMatchObject({ status: 404 })
    expect(await host.request('GET', `${path}/nonsense`)).toMatchObject({ status: 400 })
    const viewer = { authorization: `Bearer ${await host.mintToken('org_local', 'viewer')}` }
    expect(await host.request('GET', path, { headers: viewer })).toMatchObject({ status: 403 })
  },
)
