import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

import type { DisconnectReason } from '../../../plugin/contract/connection.ts'
import { followLink } from '../../support/events.ts'
import { chatWith, type RunningGateway } from '../../support/gateway.ts'
import { journalTown, type JournalTown } from '../../support/journal-town.ts'
import { startLinkedStory } from '../../support/story.ts'

/** What the table says of an end is done before anything else can happen: the line carries a message afterwards. */
async function converses({ network, gateway, owner, alice }: JournalTown, stanzaId: string): Promise<void> {
  const id = await alice.says(`are you back, ${stanzaId}`, { to: owner })
  await gateway.entry(entry => entry.kind === 'message' && entry.message.stanzaId === id)
  expect(await gateway.say(chatWith(alice), stanzaId, `${stanzaId} is`)).toEqual({ outcome: 'sent' })
  await alice.hears(`${stanzaId} is`)
  expect(await network.message(stanzaId)).toMatchObject({ transmissions: 1 })
}

const statesAfter = (gateway: RunningGateway, after: number) =>
  gateway.events.slice(after).flatMap(event => (event.event === 'connection' ? [event.state.status] : []))

const waitingFor = (gateway: RunningGateway, reason: DisconnectReason, after: number) =>
  gateway.event(
    event =>
      event.event === 'connection' && event.state.status === 'waiting' && event.state.reason === reason && event.state,
    after,
  )

const loginsIn = async ({ network }: JournalTown): Promise<number> => (await network.ledger()).logins.length

/** A person reloads the channel: what the link remembers of earlier attempts is gone. */
async function reload({ gateway }: JournalTown): Promise<number> {
  await gateway.supervisor.call('account.close', gateway.account)
  const after = gateway.events.length
  await gateway.open()
  return after
}

const refusedAtLogin =
  (reason: number) =>
  async ({ network, owner }: JournalTown): Promise<void> => {
    await network.faults.refuseLogin(owner, { reason })
    await network.faults.drop(owner)
  }

type Row = readonly [reason: DisconnectReason, happens: (town: JournalTown) => Promise<void>]

describe('F26: 515', () => {
  it('is answered at once with the same login and no code, after the pairing and later; the next one is waited out', async () => {
    await using town = await journalTown()
    const { network, gateway, owner } = town
    const after = gateway.events.length
    await network.faults.streamError(owner, 515)
    await gateway.connection('connected', after)
    expect(statesAfter(gateway, after)).toEqual(['connecting', 'connected'])

    const again = gateway.events.length
    await network.faults.streamError(owner, 515)
    await waitingFor(gateway, 'restart_required', again)
    await gateway.connection('connected', again)
    await converses(town, '3EB0AAAAAAAAAAAAAAAAAA')
    const { pairings, logins } = await network.ledger()
    expect([pairings.length, logins.length]).toEqual([1, 3])
    expect(gateway.events.slice(after).filter(({ event }) => event === 'pairing')).toEqual([])
  })
})

describe('F27: 440', () => {
  it('stops the account after the first, and after each that follows on a reload: there is no loop', async () => {
    await using town = await journalTown()
    const { network, gateway, owner } = town
    const once = gateway.events.length
    await network.faults.replaced(owner)
    expect(await gateway.connection('stopped', once)).toMatchObject({ reason: 'replaced', permanent: true })
    expect(await loginsIn(town)).toBe(1)

    await network.faults.door('replace_after_login')
    for (const logins of [2, 3, 4]) {
      const after = await reload(town)
      const stopped = await gateway.connection('stopped', after)
      expect(stopped.detail).toContain('Another process')
      expect(await loginsIn(town)).toBe(logins)
      await expect(gateway.supervisor.call('account.ping', gateway.account)).rejects.toMatchObject({
        code: 'account_stopped',
      })
    }
    await network.faults.door('open')
    await gateway.connection('connected', await reload(town))
    await converses(town, '3EB0AAAAAAAAAAAAAAAAAA')
    expect(await loginsIn(town)).toBe(5)
  })
})

describe('F28: 401', () => {
  it('keeps the old keys until the next pairing succeeds', async () => {
    await using town = await journalTown()
    const { gateway, network, owner } = town
    const after = gateway.events.length
    await owner.removesDevice()
    expect(await gateway.connection('stopped', after)).toMatchObject({ reason: 'logged_out', permanent: true })
    expect(await loginsIn(town)).toBe(1)
    await gateway.supervisor.call('pairing.start', { ...gateway.account, session: 'qrs_2' })
    await gateway.pairing('qrs_2', 'pending')
    await gateway.supervisor.call('pairing.stop', { ...gateway.account, session: 'qrs_2' })

    expect(await gateway.connection('stopped', await reload(town))).toMatchObject({ reason: 'logged_out' })
    await gateway.link(owner, 'qrs_3')
    await converses(town, '3EB0AAAAAAAAAAAAAAAAAA')
    expect((await network.ledger()).pairings).toHaveLength(2)
  })

  it('keeps what was received and what is to be said, and only a person who unpairs destroys the keys', async () => {
    await using story = await startLinkedStory()
    const { network, host, client, owner } = story
    const alice = await network.phone('alice')
    await client.bindings.create.mutate({ agent: 'echo', match_rule: { from: alice.phone } })
    const id = await alice.says('hello', { to: owner })
    await alice.hears('hello', { from: owner })
    using links = followLink(client)
    await network.faults.door('refuse')
    await network.faults.drop(owner)
    await links.until(({ status }) => status === 'waiting')
    const send = await client.whatsapp.send.mutate({ to: alice.phone, text: 'said too late' })
    await owner.removesDevice()
    await network.faults.door('open')
    await links.until(({ status, reason }) => status === 'stopped' && reason === 'logged_out')
    const file = join(host.home, 'openfang', 'whatsapp-gateway', 'auth', 'org_local', 'default.sqlite')
    expect(existsSync(file)).toBe(true)
    expect(await client.whatsapp.sends.get.query({ id: send.id })).toMatchObject({ status: 'accepted' })

    await story.link(owner)
    await alice.hears('said too late', { from: owner })
    await alice.says('hello', { to: owner, id })
    await alice.says('and now', { to: owner })
    await alice.hears('and now', { from: owner })
    expect((await alice.heard()).map(({ text }) => text)).toEqual(['hello', 'said too late', 'and now'])
    await client.whatsapp.unpair.mutate()
    expect(existsSync(file)).toBe(false)
  })
})

describe('F29: an end that only a person can mend', () => {
  it('has a reason of its own, and is followed by no further login', async () => {
    const rows: Row[] = [
      ['logged_out', refusedAtLogin(401)],
      ['locked', refusedAtLogin(403)],
      ['banned', refusedAtLogin(406)],
      ['client_refused', refusedAtLogin(409)],
      ['multidevice_mismatch', refusedAtLogin(411)],
    ]
    await using town = await journalTown()
    const { gateway } = town
    for (const [reason, happens] of rows) {
      const logins = await loginsIn(town)
      const after = gateway.events.length
      await happens(town)
      const stopped = await gateway.connection('stopped', after)
      expect(stopped).toMatchObject({ reason, permanent: true })
      expect(stopped.detail).not.toBe('')
      expect(await loginsIn(town)).toBe(logins)
      await gateway.connection('connected', await reload(town))
    }
    await converses(town, '3EB0AAAAAAAAAAAAAAAAAA')
  })
})

describe('F29: an end that another try may mend', () => {
  it('has a reason of its own, is waited out, and one login more is made', async () => {
    const rows: Row[] = [
      ['connection_closed', ({ network, owner }) => network.faults.drop(owner)],
      ['connection_closed', ({ network, owner }) => network.faults.streamEnd(owner)],
      ['unavailable', ({ network, owner }) => network.faults.streamError(owner, 503)],
      ['stream_error', ({ network, owner }) => network.faults.streamError(owner, null)],
      ['unavailable', refusedAtLogin(503)],
      ['stream_error', refusedAtLogin(500)],
    ]
    await using town = await journalTown()
    const { gateway } = town
    for (const [index, [reason, happens]] of rows.entries()) {
      const after = await reload(town)
      await gateway.connection('connected', after)
      const logins = await loginsIn(town)
      const before = gateway.events.length
      await happens(town)
      expect(await waitingFor(gateway, reason, before)).toMatchObject({ permanent: false })
      await gateway.connection('connected', before)
      expect(await loginsIn(town)).toBe(logins + 1)
      await converses(town, `3EB0AAAAAAAAAAAAAAAAA${index}`)
    }
  })

  it('is waited out until its expiry when it is a temporary ban', async () => {
    await using town = await journalTown()
    const { network, gateway, owner } = town
    const after = gateway.events.length
    await network.faults.refuseLogin(owner, { reason: 402, expireS: 5 })
    await network.faults.drop(owner)
    const banned = await waitingFor(gateway, 'temporary_ban', after)
    const [refusal] = (await network.ledger()).failures
    expect(Math.abs(banned.retryAt - Date.parse(refusal?.at ?? '') - 5_000)).toBeLessThan(500)
    const connected = await gateway.connection('connected', after)
    expect(connected.since).toBeGreaterThanOrEqual(banned.retryAt)
    expect(await loginsIn(town)).toBe(2)
  })
})
