import { describe, expect, it } from 'vitest'

import { Accounts } from '../../../plugin/accounts/accounts.ts'
import { ConnectionStates } from '../../../plugin/accounts/connection-states.ts'
import { checkChannel } from '../../../client/checks/host.ts'
import type { WireAccount, WireVersion } from '../../../plugin/contract/api/channels.ts'
import type { ClientVersion, WebVersion } from '../../../plugin/contract/web-version.ts'
import type { Store } from '../../../plugin/store/database.ts'
import { AcceptedVersions } from '../../../plugin/accounts/accepted-versions.ts'
import { versionFinding } from '../../../plugin/web/texts/version-words.ts'
import { keptLog } from '../../support/host.ts'
import { metricsOf, pageOf } from '../../support/metrics.ts'
import { ACCOUNT, linkedStore, ORG } from '../../support/store.ts'

const OLDER: WebVersion = '2.3000.1043857760'
const NEWER: WebVersion = '2.3000.1044857760'
const EXPIRES_AT = Date.UTC(2031, 0, 1)

const announced = (version: WebVersion): ClientVersion => ({
  version,
  from: 'accepted',
  knownAt: 7,
  refused: false,
  problem: null,
  accepted: { version, knownAt: 7 },
})

const accountsOn = ({ store }: { store: Store }) => new Accounts(store, new ConnectionStates(keptLog().log, () => null))
const shownBy = async (accounts: Accounts) => (await accounts.catalog(ORG))[0]?.client_expires_at

describe('the version that WhatsApp let in last', () => {
  it('is one row of the database with its date, and each network has its own', async () => {
    await using opened = await linkedStore()
    const { log } = keptLog()
    const memory = new AcceptedVersions(opened.store, log, null)
    await memory.open()
    expect(memory.accepted()).toBeNull()
    memory.take(announced(OLDER))
    memory.take(announced(NEWER))
    memory.take({ ...announced(NEWER), accepted: { version: NEWER, knownAt: 9 } })
    await memory.settled()
    const next = new AcceptedVersions(opened.store, log, null)
    await next.open()
    expect(next.accepted()).toEqual({ version: NEWER, knownAt: 9 })
    const simulated = new AcceptedVersions(opened.store, log, 'AB'.repeat(32))
    await simulated.open()
    expect(simulated.accepted()).toBeNull()
    expect(await opened.store.connection.selectFrom('web_versions').selectAll().execute()).toHaveLength(1)
  })

  it('is forgotten when what is kept cannot be one', async () => {
    await using opened = await linkedStore()
    const row = { network: 'whatsapp', version: '2.3000.12', known_at: 1 }
    await opened.store.transaction(transaction => transaction.insertInto('web_versions').values(row).execute())
    const memory = new AcceptedVersions(opened.store, keptLog().log, null)
    await memory.open()
    expect(memory.accepted()).toBeNull()
  })
})

describe('the end of a version', () => {
  it('outlives a restart, is a metric, and is of no concern once another version was let in', async () => {
    await using opened = await linkedStore()
    const accounts = accountsOn(opened)
    expect(await shownBy(accounts)).toBeNull()
    await accounts.expires(ACCOUNT, { version: OLDER, expiresAt: EXPIRES_AT })
    const next = accountsOn(opened)
    expect(await shownBy(next)).toBe(new Date(EXPIRES_AT).toISOString())
    const name = 'whatsapp_client_expires_timestamp_seconds'
    const page = await pageOf(metricsOf(opened.store))
    const said = page.samples.find(sample => sample.name === name)
    expect(said).toMatchObject({ labels: { account: 'default' }, value: EXPIRES_AT / 1_000 })
    next.announced(announced(OLDER))
    expect(await next.firstExpiry()).toEqual({ version: OLDER, at: EXPIRES_AT })
    next.announced(announced(NEWER))
    expect([await shownBy(next), await next.firstExpiry()]).toEqual([null, null])
  })

  it('is gone when WhatsApp takes it back', async () => {
    await using opened = await linkedStore()
    const accounts = accountsOn(opened)
    await accounts.expires(ACCOUNT, { version: OLDER, expiresAt: EXPIRES_AT })
    await accounts.expires(ACCOUNT, { version: OLDER, expiresAt: null })
    expect(await shownBy(accounts)).toBeNull()
  })
})

describe('where an operator looks', () => {
  const good: WireVersion = { version: OLDER, from: 'accepted', known_at: null, refused: false, source_problem: null }
  const soon = new Date(Date.now() + 3 * 86_400_000).toISOString()
  const far = new Date(EXPIRES_AT).toISOString()
  type Shown = Pick<WireAccount, 'web_version' | 'client_expires_at'>
  const shows = (more: Partial<WireVersion> = {}, client_expires_at: string | null = null): Shown => ({
    web_version: { ...good, ...more },
    client_expires_at,
  })
  const rows: [string, Shown, { ok?: boolean; page: string | null }][] = [
    ['nothing was announced yet', { web_version: null, client_expires_at: null }, { page: null }],
    ['all is well', shows(), { ok: true, page: null }],
    ['the source fails', shows({ source_problem: 'no_script' }), { ok: false, page: 'not renewed' }],
    ['it is refused', shows({ refused: true }), { ok: false, page: 'refused' }],
    ['its end is near', shows({}, soon), { ok: false, page: 'expires' }],
    ['its end is far', shows({}, far), { ok: true, page: 'expires' }],
  ]

  it.each(rows)('doctor and page agree when %s', async (_name, shown, expected) => {
    const connection = { status: 'connected', phone: '+972500000001' }
    const account = { account: 'default', connection, ...shown } as unknown as WireAccount
    const channel = { channel: 'whatsapp', accounts: [account], named_numbers: [] }
    const answering = (answer: object) => ({ list: { query: () => Promise.resolve(answer) } })
    const client = {
      channels: answering({ channels: [channel] }),
      bindings: answering({ bindings: [] }),
    } as unknown as Parameters<typeof checkChannel>[0]
    const findings = await checkChannel(client, { origin: 'http://127.0.0.1', token: '' })
    const finding = findings.find(({ check }) => check === 'client version')
    expect(finding?.ok).toBe(expected.ok)
    expect(finding === undefined || finding.ok || finding.todo !== null).toBe(true)
    expect(versionFinding(account)?.word ?? null).toBe(expected.page)
  })
})
