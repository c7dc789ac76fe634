import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

import { qrOf, type RunningGateway } from '../../support/gateway.ts'
import type { RunningNetwork } from '../../support/network.ts'
import { placesInTurn } from '../../support/places-in-turn.ts'

const nextPlace = placesInTurn()

async function town(firstMs = 60_000, nextMs = 20_000) {
  const place = await nextPlace({ qrValidity: [firstMs, nextMs], qrTimes: { firstMs, nextMs } })
  await place.gateway.open()
  return { ...place, owner: await place.network.phone('owner') }
}

const begin = async (gateway: RunningGateway, session: string) => {
  const after = gateway.events.length
  await gateway.supervisor.call('pairing.start', { ...gateway.account, session })
  return after
}
const codesOf = (gateway: RunningGateway, session: string) =>
  gateway.events.flatMap(event =>
    event.event === 'pairing' && event.session === session && event.state.status === 'pending' ? [event.state] : [],
  )
const connectsOf = async (network: RunningNetwork) => (await network.ledger()).connects.length

describe('a pairing', () => {
  it('opens no line before it is asked for', async () => {
    await using scene = await town()
    expect(await scene.gateway.open()).toEqual({ status: 'not_paired', reason: null })
    expect(await connectsOf(scene.network)).toBe(0)
  })

  it('shows six codes, says when each runs out, ends and then shows no more', async () => {
    await using scene = await town(600, 200)
    const { gateway, network } = scene
    await begin(gateway, 'qrs_1')
    expect(await gateway.pairing('qrs_1', 'expired')).toEqual({ status: 'expired', reason: 'pairing_ended' })
    const codes = codesOf(gateway, 'qrs_1')
    expect(new Set(codes.map(qrOf)).size).toBe(6)
    const [first, second] = codes
    expect((second?.expiresAt ?? 0) - (first?.expiresAt ?? 0)).toBeGreaterThanOrEqual(200)
    expect(await gateway.connection('not_paired', 1)).toMatchObject({ reason: 'pairing_ended' })
    expect(await connectsOf(network)).toBe(1)
  })

  it('ends when another one begins, and the network sees its line closed', async () => {
    await using scene = await town()
    const { gateway, network, owner } = scene
    await begin(gateway, 'qrs_1')
    await gateway.pairing('qrs_1', 'pending')
    await begin(gateway, 'qrs_2')
    expect(await gateway.pairing('qrs_1', 'expired')).toEqual({ status: 'expired', reason: 'pairing_ended' })
    const shown = await gateway.pairing('qrs_2', 'pending')
    const [stale] = codesOf(gateway, 'qrs_1').map(qrOf)
    expect(await owner.scan(stale ?? '')).toMatchObject({ linked: false })
    expect(await owner.scan(qrOf(shown))).toMatchObject({ linked: true })
    await gateway.pairing('qrs_2', 'connected')
    await network.ledgerWhen(page => page.pairings.length === 1 && page.logins.length === 1)
  })

  it('can be stopped, and only by its own name', async () => {
    await using scene = await town()
    const { gateway } = scene
    await begin(gateway, 'qrs_1')
    await gateway.supervisor.call('pairing.stop', { ...gateway.account, session: 'qrs_9' })
    expect(gateway.events.some(event => event.event === 'pairing' && event.state.status === 'expired')).toBe(false)
    await gateway.supervisor.call('pairing.stop', { ...gateway.account, session: 'qrs_1' })
    await gateway.pairing('qrs_1', 'expired')
    await gateway.connection('not_paired', 1)
  })

  it('is told connected only once the login is on disk and has been used', async () => {
    await using scene = await town()
    const { gateway, network, owner } = scene
    await gateway.link(owner)
    expect(existsSync(gateway.file)).toBe(true)
    const states = gateway.events.flatMap(event => (event.event === 'connection' ? [event.state.status] : []))
    expect(states).toEqual(['not_paired', 'pairing', 'connecting', 'connecting', 'connected'])
    expect((await network.ledger()).logins).toHaveLength(1)
    await expect(begin(gateway, 'qrs_2')).rejects.toMatchObject({ code: 'already_connected' })
    expect(await gateway.supervisor.call('account.ping', gateway.account)).toEqual({ phone: owner.phone })
  })

  it('shows the phone a device named Agentcy', async () => {
    await using scene = await town()
    const { gateway, network, owner } = scene
    await gateway.link(owner)
    expect((await network.ledger()).pairings).toMatchObject([{ shownAs: 'Agentcy' }])
  })

  it.each(['tampered_account_signature', 'wrong_hmac'] as const)(
    'is refused when the phone answers with %s',
    async fault => {
      await using scene = await town()
      const { gateway, network, owner } = scene
      await network.faults.pairing(owner, fault)
      await begin(gateway, 'qrs_1')
      const shown = await gateway.pairing('qrs_1', 'pending')
      await owner.scan(qrOf(shown))
      expect(await gateway.pairing('qrs_1', 'expired')).toEqual({ status: 'expired', reason: 'pairing_refused' })
      expect(await gateway.connection('not_paired', 1)).toMatchObject({ reason: 'pairing_refused' })
      expect((await network.ledger()).logins).toHaveLength(0)
    },
  )
})

describe('a server that cannot prove itself', () => {
  it.each(['garbage', 'foreign_root', 'foreign_leaf_key', 'expired'] as const)(
    'is shown no code to: %s',
    async fault => {
      await using scene = await town()
      const { gateway, network } = scene
      await network.faults.certificate(fault)
      await begin(gateway, 'qrs_1')
      expect(await gateway.pairing('qrs_1', 'expired')).toEqual({ status: 'expired', reason: 'server_not_trusted' })
      expect(codesOf(gateway, 'qrs_1')).toEqual([])
    },
  )

  it('is told nothing by a linked account, which comes back when the right one does', async () => {
    await using scene = await town()
    const { gateway, network, owner } = scene
    await gateway.link(owner)
    const after = gateway.events.length
    await network.faults.certificate('foreign_root')
    await network.faults.drop(owner)
    const waiting = await gateway.event(
      event =>
        event.event === 'connection' &&
        event.state.status === 'waiting' &&
        event.state.reason === 'server_not_trusted' &&
        event.state,
      after,
    )
    expect(waiting.permanent).toBe(false)
    await network.faults.certificate(null)
    await gateway.connection('connected', after)
  })
})
