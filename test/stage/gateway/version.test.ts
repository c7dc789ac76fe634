import { describe, expect, it } from 'vitest'

import { parseAccountName, type AccountKey } from '../../../plugin/contract/ids.ts'
import type { WebVersion } from '../../../plugin/contract/web-version.ts'
import { qrOf, startGateway, type GatewaySetting, type RunningGateway } from '../../support/gateway.ts'
import type { PhoneCharacter, RunningNetwork } from '../../support/network.ts'
import { networksInTurn } from '../../support/places-in-turn.ts'
import { given } from '../../support/given.ts'

const nextNetwork = networksInTurn()

const BUILT_IN = 1_043_857_760
const NEWER = BUILT_IN + 1_000_000
const version = (revision: number): WebVersion => `2.3000.${revision}`
const DAY_MS = 86_400_000

const gatewayOn = ({ url, noiseRootKey, versionUrl }: RunningNetwork, setting: GatewaySetting = {}) =>
  startGateway({ network: { url, noiseRootKey, versionUrl }, ...setting })

const refusedBy = async (network: RunningNetwork): Promise<number[]> =>
  (await network.ledger()).failures.map(({ revision }) => revision)
const takenBy = async (network: RunningNetwork): Promise<number[]> =>
  (await network.ledger()).logins.map(({ revision }) => revision)

const outdated = (gateway: RunningGateway, after: number, account = gateway.account.account) =>
  gateway.event(
    event =>
      event.event === 'connection' &&
      event.account === account &&
      event.state.status === 'waiting' &&
      event.state.reason === 'client_outdated' &&
      event.state,
    after,
  )

/** Links a phone to one more account of the gateway. */
async function linkAs(gateway: RunningGateway, account: string, phone: PhoneCharacter): Promise<AccountKey> {
  const key = { org: gateway.account.org, account: given(parseAccountName(account)) }
  await gateway.supervisor.call('account.open', key)
  await gateway.supervisor.call('pairing.start', { ...key, session: `qrs_${account}` })
  await phone.scan(qrOf(await gateway.pairing(`qrs_${account}`, 'pending')))
  await gateway.pairing(`qrs_${account}`, 'connected')
  return key
}

describe('a version that WhatsApp refuses', () => {
  it('while a phone is linked has the pairing go on with a newer one by itself, in either form of the refusal', async () => {
    for (const version_refusal of ['failure', 'stream_error'] as const) {
      await using network = await nextNetwork()
      const accepted = { version: version(BUILT_IN), knownAt: Date.now() }
      await using gateway = await gatewayOn(network, { webVersion: { accepted } })
      const floors = { version_floor_pairings: NEWER, version_floor_logins: NEWER }
      await network.behaves({ ...floors, version_refusal, version_source: NEWER })
      await gateway.link(await network.phone('owner'))
      expect([await refusedBy(network), await takenBy(network)]).toEqual([[BUILT_IN], [NEWER]])
      expect(gateway.versions.at(-1)).toMatchObject({ version: version(NEWER), from: 'accepted', refused: false })
    }
  })

  it('by a stream error on the line has the account connect again at once with a newer one', async () => {
    await using network = await nextNetwork()
    await using gateway = await gatewayOn(network)
    const owner = await network.phone('owner')
    await gateway.link(owner)
    await network.behaves({ version_floor_logins: NEWER, version_source: NEWER })
    const after = gateway.events.length
    await network.faults.streamError(owner, 405)
    await gateway.connection('connected', after)
    expect([await refusedBy(network), await takenBy(network)]).toEqual([[], [BUILT_IN, NEWER]])
  })

  it('is refused once for five accounts, which all wait for the same attempt; a reload makes one, and all go on after it', async () => {
    await using network = await nextNetwork()
    await using gateway = await gatewayOn(network)
    const names = ['first', 'second', 'third', 'fourth', 'fifth']
    const keys: AccountKey[] = []
    for (const name of names) keys.push(await linkAs(gateway, name, await network.phone(name)))
    await network.behaves({ version_floor_logins: NEWER, version_source: 'not_found' })
    const before = (await network.ledger()).connects.length
    const after = gateway.events.length
    for (const name of names) await network.faults.streamError(await network.phone(name), 405)
    const waits = await Promise.all(names.map(name => outdated(gateway, after, given(parseAccountName(name)))))
    expect(new Set(waits.map(({ permanent }) => permanent))).toEqual(new Set([false]))
    expect((await network.ledger()).connects).toHaveLength(before)

    // A reload with the source still away is one attempt, and not five.
    const reload = async (): Promise<void> => {
      await Promise.all(keys.map(key => gateway.supervisor.call('account.close', key)))
      await Promise.all(keys.map(key => gateway.supervisor.call('account.open', key)))
    }
    const again = gateway.events.length
    await reload()
    await Promise.all(names.map(name => outdated(gateway, again, given(parseAccountName(name)))))
    expect(await refusedBy(network)).toEqual([BUILT_IN])

    await network.behaves({ version_source: NEWER })
    await reload()
    await network.ledgerWhen(({ logins }) => logins.length === 10)
    expect(await refusedBy(network)).toEqual([BUILT_IN])
    expect((await takenBy(network)).slice(5)).toEqual(Array(5).fill(NEWER))
  })

  it('does not go away with a gateway that is killed: the next one is told what was taken last, and asks no source for it', async () => {
    await using network = await nextNetwork()
    const owner = await network.phone('owner')
    const accepted = { version: version(NEWER), knownAt: Date.now() }
    await network.behaves({ version_floor_logins: NEWER, version_floor_pairings: NEWER, version_source: 'drop' })
    await using gateway = await gatewayOn(network, { webVersion: { accepted } })
    await gateway.link(owner)
    process.kill(given(gateway.supervisor.pid() ?? undefined), 'SIGKILL')
    await gateway.whenReady(2)
    await gateway.open()
    await network.ledgerWhen(({ logins }) => logins.length === 2)
    expect([await refusedBy(network), await takenBy(network)]).toEqual([[], [NEWER, NEWER]])
    expect((await network.ledger()).versionAsks).toBe(0)
  })
})

describe('a version that is pinned', () => {
  it('is never overruled, and the account says which setting to change', async () => {
    await using network = await nextNetwork()
    const owner = await network.phone('owner')
    await using gateway = await gatewayOn(network, { webVersion: { pinned: version(BUILT_IN) } })
    await gateway.link(owner)
    await network.behaves({ version_floor_logins: NEWER, version_source: NEWER })
    const after = gateway.events.length
    await network.faults.drop(owner)
    const waiting = await outdated(gateway, after)
    expect(waiting.detail).toContain('"web_version"')
    expect(await refusedBy(network)).toEqual([BUILT_IN])
    expect((await network.ledger()).versionAsks).toBe(0)
    expect(gateway.versions.at(-1)).toMatchObject({ from: 'pinned', refused: true })
  })
})

describe('a source that cannot be believed', () => {
  const said = ['html', 'ten_megabytes', 'redirect', 'garbage', 'drop', BUILT_IN - 1, BUILT_IN + 40_000_001] as const
  it.each(said)('(%s) leaves the last one that was accepted in force, and it is said', async version_source => {
    await using network = await nextNetwork()
    await network.behaves({ version_floor_logins: NEWER, version_floor_pairings: NEWER, version_source })
    const accepted = { version: version(NEWER), knownAt: Date.now() - 2 * DAY_MS }
    await using gateway = await gatewayOn(network, { webVersion: { accepted } })
    await gateway.link(await network.phone('owner'))
    expect([await refusedBy(network), await takenBy(network)]).toEqual([[], [NEWER]])
    expect((await network.ledger()).versionAsks).toBe(1)
    expect(gateway.versions.at(-1)).toMatchObject({ version: version(NEWER), problem: expect.any(String), accepted })
    const line = gateway.lines.find(({ event }) => event === 'web version not found')
    expect(line).toMatchObject({ level: 'warn', fields: { version: version(NEWER), problem: expect.any(String) } })
  })

  it('and is not there at all, on a network on loopback, is not looked for elsewhere', async () => {
    await using network = await nextNetwork()
    await using gateway = await gatewayOn({ ...network, versionUrl: null as never })
    await gateway.link(await network.phone('owner'))
    expect(await takenBy(network)).toEqual([BUILT_IN])
    expect((await network.ledger()).versionAsks).toBe(0)
  })
})

describe('a phone that refuses an old client without a word', () => {
  const qrTimes = { firstMs: 700, nextMs: 100 }
  const floors = { version_floor_pairings: NEWER, outdated_pairings_fail_silently: true }

  async function runOut(network: RunningNetwork, gateway: RunningGateway): Promise<unknown> {
    await gateway.open()
    await gateway.supervisor.call('pairing.start', { ...gateway.account, session: 'qrs_1' })
    const shown = await gateway.pairing('qrs_1', 'pending')
    expect(await (await network.phone('owner')).scan(qrOf(shown))).toEqual({ linked: false, why: 'client_outdated' })
    return gateway.pairing('qrs_1', 'expired')
  }

  it('is named as a possible cause when the codes ran out and the version is older than 100 days', async () => {
    await using network = await nextNetwork()
    await network.behaves({ ...floors, version_source: 'not_found' })
    await using gateway = await gatewayOn(network, { qrTimes })
    expect(await runOut(network, gateway)).toEqual({ status: 'expired', reason: 'client_old' })
  })

  it('is not when the source still names that version', async () => {
    await using network = await nextNetwork()
    await network.behaves(floors)
    await using gateway = await gatewayOn(network, { qrTimes })
    expect(await runOut(network, gateway)).toEqual({ status: 'expired', reason: 'pairing_ended' })
  })
})

describe('the end of a version that WhatsApp announces', () => {
  it('is told with the version, and that it was taken back', async () => {
    await using network = await nextNetwork()
    await network.behaves({ client_expiration: 1_800_000_000 })
    await using gateway = await gatewayOn(network)
    await gateway.link(await network.phone('owner'))
    const expiration = (expiresAt: number | null) =>
      gateway.event(
        event => event.event === 'client_expiration' && event.expiresAt === expiresAt && { version: event.version },
      )
    expect(await expiration(1_800_000_000_000)).toEqual({ version: version(BUILT_IN) })
    await network.behaves({ client_expiration: null })
    expect(await expiration(null)).toEqual({ version: version(BUILT_IN) })
  })
})
