import { readFileSync } from 'node:fs'
import { encodeBinaryNode } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'

import { parsePhone } from '../../../plugin/contract/ids.ts'
import type { RunningGateway } from '../../support/gateway.ts'
import type { PhoneCharacter } from '../../support/network.ts'
import { placesInTurn } from '../../support/places-in-turn.ts'
import { pairingKinds } from '../../support/pairing-kinds.ts'
import { given } from '../../support/given.ts'

const nextPlace = placesInTurn()

async function town(firstMs = 60_000, nextMs = 20_000) {
  const environment = { LOG_LEVEL: 'trace' }
  const place = await nextPlace({ qrValidity: [firstMs, nextMs], qrTimes: { firstMs, nextMs }, environment })
  await place.gateway.open()
  return { ...place, owner: await place.network.phone('owner') }
}

async function begin({ phone: number }: PhoneCharacter, gateway: RunningGateway, session: string): Promise<void> {
  const phone = parsePhone(number)
  if (!phone) throw new Error('the phone has no number')
  await gateway.supervisor.call('pairing.start_code', { ...gateway.account, session, phone })
}

/** Begins a pairing with this phone and gives the code that is to be typed on it. */
async function codeFor(phone: PhoneCharacter, gateway: RunningGateway, session = 'qrs_1') {
  await begin(phone, gateway, session)
  const shown = await gateway.pairing(session, 'pending')
  if (!('pairingCode' in shown)) throw new Error('no pairing code was shown')
  return shown
}

const statesOf = (gateway: RunningGateway, session: string): string[] =>
  gateway.events.flatMap(event => (event.event === 'pairing' && event.session === session ? [event.state.status] : []))

/** Another code of the same shape. */
const unlike = (code: string): string => (code.startsWith('2') ? '3' : '2') + code.slice(1)

describe('a pairing by code', () => {
  it('outlives a wrong code, links by the right one, and leaves the code nowhere', async () => {
    await using scene = await town()
    const { gateway, network, owner } = scene
    const { pairingCode, expiresAt } = await codeFor(owner, gateway)
    expect(pairingCode).toMatch(/^[1-9A-HJ-NP-TV-Z]{8}$/)
    expect(expiresAt - Date.now()).toBeGreaterThan(150_000)
    expect(expiresAt - Date.now()).toBeLessThanOrEqual(160_000)

    expect(await owner.entersCode(unlike(pairingCode))).toEqual({ linked: false, why: 'wrong_code' })
    expect(await owner.entersCode('1234')).toEqual({ linked: false, why: 'unreadable_code' })
    const stranger = await network.phone('stranger')
    expect(await stranger.entersCode(pairingCode)).toEqual({ linked: false, why: 'not_awaited' })
    expect(statesOf(gateway, 'qrs_1')).toEqual(['pending'])
    expect(gateway.events.some(event => event.event === 'connection' && event.state.status === 'connecting')).toBe(
      false,
    )

    expect(await owner.entersCode(pairingCode)).toEqual({ linked: true, device: 'owner:1' })
    expect(await gateway.pairing('qrs_1', 'connected')).toEqual({ status: 'connected', phone: owner.phone })
    expect(await gateway.supervisor.call('account.ping', gateway.account)).toEqual({ phone: owner.phone })
    expect((await network.ledger()).unknown).toEqual([])
    const kept = [gateway.file, `${gateway.file}-wal`].map(file => readFileSync(file, 'latin1')).join('')
    // Not as texts: what failed would be printed, and this one is full of keys.
    expect([kept.includes('signedIdentityKey'), kept.includes(pairingCode)]).toEqual([true, false])
    expect(gateway.lines.length).toBeGreaterThan(0)
    for (const secret of [pairingCode, owner.phone.slice(1)])
      expect(JSON.stringify(gateway.lines)).not.toContain(secret)
  })

  it('expires, and is refused on the phone from then on; a QR code links afterwards', async () => {
    await using scene = await town(4_000, 100)
    const { gateway, network, owner } = scene
    const { pairingCode } = await codeFor(owner, gateway)
    expect(await gateway.pairing('qrs_1', 'expired')).toEqual({ status: 'expired', reason: 'pairing_ended' })
    expect(await gateway.connection('not_paired', 1)).toMatchObject({ reason: 'pairing_ended' })
    await network.ledgerWhen(page => page.closings.length === 1)
    expect(await owner.entersCode(pairingCode)).toMatchObject({ linked: false })
    await gateway.link(owner, 'qrs_2')
    expect((await network.ledger()).pairings).toMatchObject([{ shownAs: 'Agentcy' }])
  })

  it('ends when a QR code is asked for, and ends a QR code when it begins', async () => {
    await using scene = await town()
    const { gateway, owner } = scene
    const { pairingCode } = await codeFor(owner, gateway)
    await gateway.supervisor.call('pairing.start', { ...gateway.account, session: 'qrs_2' })
    expect(await gateway.pairing('qrs_1', 'expired')).toMatchObject({ reason: 'pairing_ended' })
    await gateway.pairing('qrs_2', 'pending')
    expect(await owner.entersCode(pairingCode)).toEqual({ linked: false, why: 'not_awaited' })
    const again = await codeFor(owner, gateway, 'qrs_3')
    expect(await gateway.pairing('qrs_2', 'expired')).toMatchObject({ reason: 'pairing_ended' })
    expect(await owner.entersCode(again.pairingCode)).toMatchObject({ linked: true })
  })

  it('leaves nothing of a login when the gateway dies in the middle', async () => {
    await using scene = await town()
    const { gateway, owner } = scene
    const { pairingCode } = await codeFor(owner, gateway)
    expect(await owner.entersCode(unlike(pairingCode))).toMatchObject({ linked: false })
    process.kill(gateway.supervisor.pid() ?? 0, 'SIGKILL')
    await gateway.whenReady(2)
    expect(await gateway.open()).toEqual({ status: 'not_paired', reason: null })
    expect(await owner.entersCode(pairingCode)).toEqual({ linked: false, why: 'not_awaited' })
    await gateway.link(owner, 'qrs_2')
  })

  it('keeps the code that somebody is typing when WhatsApp offers to pair once more', async () => {
    await using scene = await town()
    const { gateway, network, owner } = scene
    const { pairingCode } = await codeFor(owner, gateway)
    const offer = encodeBinaryNode(given(pairingKinds()['offer to pair']))
    expect(await network.faults.write(null, [offer, offer])).toBe(2)
    // What is typed wrong is answered after the offers were read.
    expect(await owner.entersCode(unlike(pairingCode))).toEqual({ linked: false, why: 'wrong_code' })
    expect(await owner.entersCode(pairingCode)).toEqual({ linked: true, device: 'owner:1' })
    await gateway.pairing('qrs_1', 'connected')
    expect(statesOf(gateway, 'qrs_1')).toEqual(['pending', 'connected'])
    const { 'iq set md': asked } = await network.faults.said()
    expect(asked).toBe(2)
  })

  it('ends without a code when WhatsApp gives none', async () => {
    await using scene = await town()
    const { gateway, network, owner } = scene
    await network.faults.pairing(owner, 'code_refused')
    await begin(owner, gateway, 'qrs_1')
    expect(await gateway.pairing('qrs_1', 'expired')).toEqual({ status: 'expired', reason: 'pairing_refused' })
    expect(statesOf(gateway, 'qrs_1')).toEqual(['expired'])
  })
})
