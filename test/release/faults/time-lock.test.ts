import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

import { channelsResponse } from '../../../plugin/contract/api/channels.ts'
import { forgetfulDisk } from '../../support/forgetful-disk.ts'
import { chatWith, type RunningGateway } from '../../support/gateway.ts'
import type { HostProcess } from '../../support/host-process.ts'
import { entriesOf, isText, messageIn } from '../../support/journal-entries.ts'
import { journalTown } from '../../support/journal-town.ts'
import type { PhoneCharacter } from '../../support/network.ts'
import { childrenOf } from '../../support/process-tree.ts'
import { clockIn } from '../../support/set-clock.ts'
import { startLinkedStory } from '../../support/story.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const HOUR_S = 3_600

/** The first of them behind this number of the journal. */
const lockAfter = (gateway: RunningGateway, seq = 0) =>
  gateway.entry(entry => entry.kind === 'time_lock' && entry.seq > seq && entry)

const isNear = (instant: number | null | undefined, expected: number): void =>
  expect(Math.abs((instant ?? 0) - expected)).toBeLessThan(1_000)

describe('a notice that no new chats may be begun', () => {
  it('is journalled with its end, and so is that it was lifted', async () => {
    await using town = await journalTown()
    const { network, gateway, owner } = town
    const endsAt = await network.faults.timeLock(owner, HOUR_S)
    const lock = await lockAfter(gateway)
    expect(lock.phone).toBe(owner.phone)
    isNear(lock.until, endsAt ?? 0)
    await network.ledgerWhen(page => page.queued['owner:1'] === 0)
    await network.faults.timeLock(owner, null)
    expect(await lockAfter(gateway, lock.seq)).toMatchObject({ until: null })
  })

  it('that names no end is taken for a short one, as by WhatsApp Web', async () => {
    await using town = await journalTown()
    const { network, gateway, owner } = town
    await network.faults.timeLock(owner, 'endless')
    isNear((await lockAfter(gateway)).until, Date.now() + 60_000)
  })

  it('that came while nobody was there is brought with the next login', async () => {
    await using town = await journalTown()
    const { network, gateway, owner } = town
    await gateway.supervisor.call('account.close', gateway.account)
    const endsAt = await network.faults.timeLock(owner, HOUR_S)
    await gateway.open()
    isNear((await lockAfter(gateway)).until, endsAt ?? 0)
  })

  it('outlives the gateway that heard it, once it has answered for it', async () => {
    await using town = await journalTown()
    const { network, gateway, owner } = town
    const settled = (await network.ledger()).settled['owner:1'] ?? 0
    const endsAt = await network.faults.timeLock(owner, HOUR_S)
    await network.ledgerWhen(page => (page.settled['owner:1'] ?? 0) > settled && page.queued['owner:1'] === 0)
    process.kill(gateway.supervisor.pid() ?? 0, 'SIGKILL')
    await gateway.whenReady(2)
    await gateway.open()
    const [last] = (await entriesOf(gateway)).filter(entry => entry.kind === 'time_lock')
    isNear(last?.until, endsAt ?? 0)
  })
})

describe('a message that begins a chat while that may not be', () => {
  const say = (gateway: RunningGateway, to: PhoneCharacter, id: string) => gateway.say(chatWith(to), id, id)

  it('is refused, and the gateway asks until when; those who have written are answered', async () => {
    await using town = await journalTown()
    const { network, gateway, owner, alice, bob } = town
    await alice.says('hello', { to: owner })
    await messageIn(gateway, isText('hello'))
    const endsAt = await network.faults.timeLock(owner, HOUR_S, false)
    expect(await say(gateway, alice, '3EB0A')).toEqual({ outcome: 'sent' })
    expect((await network.ledger()).queries['w:mex']).toBeUndefined()
    expect(await say(gateway, bob, '3EB0B')).toEqual({ outcome: 'rejected', code: 463 })
    isNear((await lockAfter(gateway)).until, endsAt ?? 0)
    expect(await network.message('3EB0B')).toMatchObject({ transmissions: 1, acks: ['463'] })
    expect(await bob.heard()).toEqual([])
  })

  it('tells of no end that can be read: an hour is waited', async () => {
    await using town = await journalTown()
    const { network, gateway, owner, bob } = town
    await network.faults.timeLock(owner, 'endless', false)
    expect(await say(gateway, bob, '3EB0B')).toEqual({ outcome: 'rejected', code: 463 })
    isNear((await lockAfter(gateway)).until, Date.now() + 3_600_000)
  })
})

async function lockedUntil(host: HostProcess): Promise<string | null> {
  const { body } = await host.request('GET', '/api/v1/channels')
  return channelsResponse.parse(body).channels[0]?.new_chats_locked_until ?? null
}

describe('a host whose account may begin no new chats for a while', () => {
  it('says what it held as soon as it hears that it may', async () => {
    await using story = await startLinkedStory({ host: { env: { WHATSAPP_PACING: 'on' } } })
    const { network, host, client, owner } = story
    const bob = await network.phone('bob')
    await network.faults.timeLock(owner, HOUR_S)
    await expect.poll(() => lockedUntil(host), { timeout: 5_000 }).not.toBeNull()
    const { id } = await client.whatsapp.send.mutate({ to: bob.phone, text: 'good day' })
    expect(await client.whatsapp.sends.get.query({ id })).toMatchObject({ status: 'accepted' })
    await network.faults.timeLock(owner, null)
    await bob.hears('good day', { from: owner })
    expect(await lockedUntil(host)).toBeNull()
  })

  it('knows it after a power cut, when its gateway had answered for the notice', async () => {
    await using folder = await temporaryFolder()
    const disk = forgetfulDisk(join(folder.path, 'disk'))
    await using story = await startLinkedStory({ host: { env: disk.env } })
    const { network, host, owner } = story
    await network.ledgerWhen(page => page.queued['owner:1'] === 0)
    const settled = (await network.ledger()).settled['owner:1'] ?? 0
    const gateways = await childrenOf(host.pid)
    process.kill(host.pid, 'SIGSTOP')
    await network.faults.timeLock(owner, HOUR_S)
    await network.ledgerWhen(page => (page.settled['owner:1'] ?? 0) > settled)
    disk.cutPower()
    for (const pid of gateways) process.kill(pid, 'SIGKILL')
    await host.kill('SIGKILL')
    await host.restart()
    await expect.poll(() => lockedUntil(host), { timeout: 20_000 }).not.toBeNull()
  })

  it('goes by the end that the server means, also on a machine whose clock is wrong', async () => {
    await using folder = await temporaryFolder()
    const clock = clockIn(folder.path)
    clock.set(-HOUR_S * 1_000)
    await using story = await startLinkedStory({ host: { env: clock.environment } })
    const { network, host, owner } = story
    const endsAt = await network.faults.timeLock(owner, HOUR_S / 2)
    await expect.poll(() => lockedUntil(host), { timeout: 5_000 }).not.toBeNull()
    isNear(Date.parse((await lockedUntil(host)) ?? ''), (endsAt ?? 0) - HOUR_S * 1_000)
  })

  it('holds what is for strangers until then, shows until when, and answers those who write', async () => {
    await using story = await startLinkedStory({ host: { env: { WHATSAPP_PACING: 'on' } } })
    const { network, host, client, owner } = story
    const [alice, bob] = [await network.phone('alice'), await network.phone('bob')]
    await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })

    const endsAt = (await network.faults.timeLock(owner, 12)) ?? 0
    await expect.poll(() => lockedUntil(host), { timeout: 5_000 }).not.toBeNull()
    isNear(Date.parse((await lockedUntil(host)) ?? ''), endsAt)
    const { id } = await client.whatsapp.send.mutate({ to: bob.phone, text: 'good day' })
    const waiting = await client.whatsapp.sends.get.query({ id })
    expect(waiting).toMatchObject({ status: 'accepted', position: 0 })
    isNear(Date.parse(waiting.earliest_at ?? ''), endsAt)
    await host.kill('SIGKILL')
    await host.restart()
    await alice.says('hello', { to: owner })
    await alice.hears('hello', { from: owner, withinMs: 20_000 })

    await bob.hears('good day', { from: owner, withinMs: 30_000 })
    expect(Date.parse((await bob.heard())[0]?.at ?? '')).toBeGreaterThanOrEqual(endsAt)
    expect(await lockedUntil(host)).toBeNull()
  })
})
