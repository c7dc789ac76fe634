import { readFile, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

import type { PairingState } from '../../../plugin/contract/connection.ts'
import type { GatewayEvent } from '../../../plugin/contract/gateway-protocol.ts'
import { DEFAULT_ACCOUNT, parseOrgId, type OrgId } from '../../../plugin/contract/ids.ts'
import { qrOf, startGateway, type RunningGateway } from '../../support/gateway.ts'
import { startNetwork, type LedgerPage, type PhoneCharacter, type RunningNetwork } from '../../support/network.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const ACCOUNTS = 50
const PATIENCE_MS = 60_000
/** Each gateway has a pace of its own: five of them pair faster than one. */
const PAIRING_GATEWAYS = 5
const PER_SECOND = 5
/** What a busy machine may add between the gateway's wish and the server's note of it. */
const TOLERANCE = 2

const ORGS = Array.from({ length: ACCOUNTS }, (_, index) => parseOrgId(`org_${index}`)).filter(org => org !== null)

async function linkAll(network: RunningNetwork, stateFolder: string): Promise<void> {
  const share = async (_: unknown, first: number): Promise<void> => {
    await using gateway = await startGateway({ network, stateFolder })
    const ours = ORGS.filter((_org, index) => index % PAIRING_GATEWAYS === first)
    for (const org of ours) await link(gateway, org, await network.phone(org))
  }
  await Promise.all(Array.from({ length: PAIRING_GATEWAYS }, share))
}

async function link(gateway: RunningGateway, org: OrgId, phone: PhoneCharacter): Promise<void> {
  const key = { org, account: DEFAULT_ACCOUNT }
  const pairing = <Status extends PairingState['status']>(status: Status) =>
    gateway.event<Extract<PairingState, { status: Status }>>(
      each => each.org === org && each.event === 'pairing' && each.state.status === status && (each.state as never),
    )
  await gateway.supervisor.call('account.open', key)
  await gateway.supervisor.call('pairing.start', { ...key, session: 'qrs_1' })
  await phone.scan(qrOf(await pairing('pending')))
  await pairing('connected')
}

/** Resolves when each account has been so since this event. */
async function allAre(gateway: RunningGateway, status: 'waiting' | 'connected', after: number): Promise<void> {
  const missing = new Set(ORGS)
  for (let seen = after; missing.size > 0; seen += 1) {
    const each = await gateway.event(event => event, seen, PATIENCE_MS)
    if (isState(each, status)) missing.delete(each.org)
  }
}

const isState = (event: GatewayEvent, status: 'waiting' | 'connected'): boolean =>
  event.event === 'connection' && event.state.status === status

/** The most of these that happened in any one second. */
function mostPerSecond(happened: readonly { readonly at: string }[]): number {
  const at = happened.map(each => Date.parse(each.at))
  return Math.max(...at.map(end => at.filter(each => each > end - 1_000 && each <= end).length))
}

/** How many connections to this port a process holds, from /proc. */
async function linesOf(pid: number, port: number): Promise<number> {
  const folder = `/proc/${pid}/fd`
  const targets = await Promise.all((await readdir(folder)).map(fd => readlink(join(folder, fd)).catch(() => '')))
  const held = new Set(targets.flatMap(target => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []))
  const rows = (await readFile(`/proc/${pid}/net/tcp`, 'utf8')).split('\n').slice(1)
  const remote = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return rows
    .map(row => row.trim().split(/\s+/))
    .filter(([, , to, , , , , , , inode]) => to?.endsWith(remote) && inode !== undefined && held.has(inode)).length
}

const devicesIn = (logins: LedgerPage['logins']): string[] => logins.map(({ device }) => device).toSorted()
const DEVICES = ORGS.map(org => `${org}:1`).toSorted()

describe('F47: fifty accounts of one gateway, and a server that was down', () => {
  it('are all back, each once and over one line, and no more than five of them connect in any second', async () => {
    await using network = await startNetwork()
    await using folder = await temporaryFolder()
    const stateFolder = join(folder.path, 'whatsapp-gateway')
    await linkAll(network, stateFolder)
    await using gateway = await startGateway({ network, stateFolder })
    const backSince = async ({ connects, logins }: LedgerPage, after: number): Promise<LedgerPage> => {
      await allAre(gateway, 'connected', after)
      const page = await network.ledger()
      expect(devicesIn(page.logins.slice(logins.length))).toEqual(DEVICES)
      for (const happened of [page.connects.slice(connects.length), page.logins.slice(logins.length)]) {
        expect(mostPerSecond(happened)).toBeLessThanOrEqual(PER_SECOND + TOLERANCE)
      }
      expect(await linesOf(gateway.supervisor.pid() ?? 0, Number(new URL(network.url).port))).toBe(ACCOUNTS)
      return page
    }

    const linked = await network.ledger()
    await Promise.all(ORGS.map(org => gateway.supervisor.call('account.open', { ...gateway.account, org })))
    const started = await backSince(linked, 0)

    const lost = gateway.events.length
    await network.faults.door('refuse')
    for (const phone of await network.phones()) await network.faults.drop(phone)
    await allAre(gateway, 'waiting', lost)
    const knocks = started.connects.length + ACCOUNTS / 2
    await network.ledgerWhen(page => page.connects.length >= knocks, PATIENCE_MS)
    const reopened = gateway.events.length
    await network.faults.door('open')
    await backSince(started, reopened)
  }, 180_000)
})
