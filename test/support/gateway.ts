import { EventEmitter, once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import type { ConnectionState, PairingState } from '../../plugin/contract/connection.ts'
import type { OutboundContent, SendClass, TransmitOutcome } from '../../plugin/contract/delivery.ts'
import {
  LINE_TIMES,
  type GatewayEvent,
  type JournalEntry,
  type LineTimes,
  type QrTimes,
} from '../../plugin/contract/gateway-protocol.ts'
import type { LogFields } from '../../plugin/contract/host.ts'
import {
  DEFAULT_ACCOUNT,
  lidFromDigits,
  parseOrgId,
  parsePhone,
  type AccountKey,
  type Chat,
} from '../../plugin/contract/ids.ts'
import { createSupervisor, type Supervisor } from '../../plugin/supervisor/supervisor.ts'
import type { ClientVersion, VersionsInHand } from '../../plugin/contract/web-version.ts'
import type { PhoneCharacter, RunningNetwork } from './network.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A line that the gateway or its supervisor logged. */
export type LogLine = { readonly level: string; readonly event: string; readonly fields: LogFields }

/** A gateway in a real child process, driven as the channel drives it. */
export type RunningGateway = AsyncDisposable & {
  readonly supervisor: Supervisor
  readonly stateFolder: string
  readonly account: AccountKey
  readonly events: readonly GatewayEvent[]
  /** What it said of the version that it announces, in order. */
  readonly versions: readonly ClientVersion[]
  readonly lines: readonly LogLine[]
  /** Where the account's file lies. */
  readonly file: string
  /** How often the child has become ready. */
  readyTimes(): number
  open(): Promise<ConnectionState>
  /** The first event, of those seen and those to come after `after`, for which `pick` finds something. */
  event<Found>(
    pick: (event: GatewayEvent) => Found | null | undefined | false,
    after?: number,
    withinMs?: number,
  ): Promise<Found>
  connection<Status extends ConnectionState['status']>(
    status: Status,
    after?: number,
    withinMs?: number,
  ): Promise<Extract<ConnectionState, { status: Status }>>
  pairing(session: string, status: PairingState['status'], after?: number): Promise<PairingState>
  /** Pairs the phone and waits until the link is up. */
  link(phone: PhoneCharacter, session?: string): Promise<void>
  /** The first journal entry for which `pick` finds something; everything before it is taken as well. */
  entry<Found>(pick: (entry: JournalEntry) => Found | null | undefined | false): Promise<Found>
  /** Says it as the host does: what is deferred is asked for again. */
  say(chat: Chat, stanzaId: string, content: OutboundContent | string, kind?: SendClass): Promise<TransmitOutcome>
  whenReady(times: number): Promise<void>
  /** The same process for another org, of which nothing was seen yet; what it tells of the one before is not seen any more. */
  forOrg(org: string): RunningGateway
}

export type GatewaySetting = {
  readonly network?: (Pick<RunningNetwork, 'url' | 'noiseRootKey'> & { readonly versionUrl?: string | null }) | null
  readonly webVersion?: Partial<VersionsInHand>
  readonly qrTimes?: QrTimes
  readonly lineTimes?: Partial<LineTimes>
  readonly messageAcks?: boolean
  readonly stateFolder?: string
  readonly environment?: Record<string, string | undefined>
  readonly org?: string
}

const DEADLINE_MS = 20_000

/** Starts a supervisor and its child. */
export async function startGateway(setting: GatewaySetting = {}): Promise<RunningGateway> {
  const home = setting.stateFolder === undefined ? await temporaryFolder() : null
  const stateFolder = setting.stateFolder ?? join(home?.path ?? '', 'whatsapp-gateway')
  const gateway = gatewayIn(stateFolder, setting, async () => home?.[Symbol.asyncDispose]())
  try {
    await gateway.supervisor.start()
    return gateway
  } catch (error) {
    await home?.[Symbol.asyncDispose]()
    throw error
  }
}

/** What a gateway has told. */
type Told = { events: GatewayEvent[]; versions: ClientVersion[]; lines: LogLine[]; ready: number }

/** A gateway that is not started yet. */
export function gatewayIn(stateFolder: string, setting: GatewaySetting, clean: () => Promise<unknown>): RunningGateway {
  let told: Told = { events: [], versions: [], lines: [], ready: 0 }
  let org = setting.org ?? 'org_local'
  const left = new Set<string>()
  const bell = new EventEmitter({ captureRejections: true })
  bell.setMaxListeners(0)
  const log = (level: string) => (fields: LogFields, event: string) => void told.lines.push({ level, event, fields })
  const { network = null, qrTimes = { firstMs: 60_000, nextMs: 20_000 } } = setting
  const supervisor = createSupervisor({
    stateFolder,
    network: network && {
      url: network.url,
      noiseRootKey: network.noiseRootKey,
      versionUrl: network.versionUrl ?? null,
    },
    webVersion: () => ({ pinned: null, accepted: null, ...setting.webVersion }),
    onVersion: version => {
      told.versions.push(version)
      bell.emit('ring')
    },
    qrTimes,
    lineTimes: { ...LINE_TIMES, ...setting.lineTimes },
    messageAcks: setting.messageAcks ?? false,
    environment: setting.environment ?? process.env,
    log: { trace: log('trace'), debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    onEvent: event => {
      if (left.has(event.org)) return
      told.events.push(event)
      bell.emit('ring')
    },
    onReady: () => {
      told.ready += 1
      bell.emit('ring')
    },
  })
  const inSight = (): RunningGateway => seenAs(org, { supervisor, stateFolder, bell, told, clean, forOrg })
  const forOrg = (next: string): RunningGateway => {
    left.add(org)
    org = next
    told = { events: [], versions: [], lines: [], ready: told.ready > 0 ? 1 : 0 }
    return inSight()
  }
  return inSight()
}

type Sight = Pick<RunningGateway, 'supervisor' | 'stateFolder' | 'forOrg'> & {
  readonly bell: EventEmitter
  readonly told: Told
  readonly clean: () => Promise<unknown>
}

function seenAs(org: string, { supervisor, stateFolder, bell, told, clean, forOrg }: Sight): RunningGateway {
  const { events, versions, lines } = told
  const account: AccountKey = { org: parseOrgId(org) ?? fail('org'), account: DEFAULT_ACCOUNT }

  async function until<Found>(find: () => Found | null | undefined | false, withinMs = DEADLINE_MS): Promise<Found> {
    const overdue = AbortSignal.timeout(withinMs)
    for (;;) {
      const found = find()
      if (found !== null && found !== undefined && found !== false) return found
      await once(bell, 'ring', { signal: overdue }).catch(() => {
        throw new Error(`nothing fitting came within ${withinMs} ms; seen: ${describeEvents(events)}`)
      })
    }
  }
  const event: RunningGateway['event'] = (pick, after = 0, withinMs) =>
    until(() => {
      for (const each of events.slice(after)) {
        const found = pick(each)
        if (found) return found
      }
      return null
    }, withinMs)
  const connection: RunningGateway['connection'] = <Status extends ConnectionState['status']>(
    status: Status,
    after?: number,
    withinMs?: number,
  ) =>
    event<Extract<ConnectionState, { status: Status }>>(
      each => each.event === 'connection' && each.state.status === status && (each.state as never),
      after,
      withinMs,
    )
  const pairing: RunningGateway['pairing'] = (session, status, after) =>
    event(
      each => each.event === 'pairing' && each.session === session && each.state.status === status && each.state,
      after,
    )
  return {
    supervisor,
    stateFolder,
    account,
    events,
    versions,
    lines,
    file: join(stateFolder, 'auth', account.org, `${account.account}.sqlite`),
    readyTimes: () => told.ready,
    open: async () => (await supervisor.call('account.open', account)).state,
    event,
    connection,
    pairing,
    link: async (phone, session = 'qrs_1') => {
      const after = events.length
      await supervisor.call('account.open', account)
      await supervisor.call('pairing.start', { ...account, session })
      const shown = await pairing(session, 'pending', after)
      const scan = await phone.scan(qrOf(shown))
      if (!scan.linked) throw new Error(`the phone refused the code: ${scan.why}`)
      await pairing(session, 'connected', after)
    },
    entry: async pick => {
      for (let seen = -1; ;) {
        const { entries } = await supervisor.call('journal.pull', { ...account, after: 0, limit: 10_000 })
        for (const each of entries) {
          const found = pick(each)
          if (found) return found
        }
        const head = entries.at(-1)?.seq ?? 0
        seen = Math.max(seen, head)
        await event(each => each.event === 'journal' && each.head > seen)
      }
    },
    say: async (chat, stanzaId, content) => {
      const { as: kind = 'reply', ...said } = {
        as: undefined,
        ...(typeof content === 'string' ? textOf(content) : content),
      }
      const { bytes } = await supervisor.call('message.render', { ...account, content: said, chat, file: null })
      for (;;) {
        const outcome = await supervisor.call('message.transmit', { ...account, chat, stanzaId, bytes, class: kind })
        if (outcome.outcome !== 'deferred') return outcome
        await pause(outcome.forMs)
      }
    },
    whenReady: async times => {
      await until(() => told.ready >= times)
    },
    forOrg,
    [Symbol.asyncDispose]: async () => {
      await supervisor.stop()
      await clean()
    },
  }
}

const textOf = (text: string): OutboundContent => ({ kind: 'text', text })

/** The text of the QR code that a pairing shows. */
export function qrOf(state: PairingState): string {
  if ('qr' in state) return state.qr
  throw new Error(`a pairing that is ${state.status} shows no QR code`)
}

/** The direct chat with a simulated phone, by the addresses named. */
export function chatWith(phone: PhoneCharacter, by: 'phone' | 'lid' | 'both' = 'both'): Chat {
  return {
    kind: 'direct',
    peer: {
      lid: by === 'phone' ? null : lidFromDigits(phone.lid),
      phone: by === 'lid' ? null : parsePhone(phone.phone),
    },
  }
}

function describeEvents(events: readonly GatewayEvent[]): string {
  return events
    .map(each => {
      if (each.event === 'journal') return `journal ${each.head}`
      if (each.event === 'media') return `media ${each.doneBytes}`
      if (each.event === 'heard') return 'heard'
      if (each.event === 'client_expiration') return `expires ${each.expiresAt}`
      if (each.event === 'unknown_stanzas') return `unknown ${each.tag}`
      if (each.event === 'caught_up') return `caught up ${each.head}`
      if (each.event === 'backlog')
        return `backlog ${each.backlog ? `${each.backlog.done}/${each.backlog.total}` : 'over'}`
      const reason = 'reason' in each.state ? ` (${each.state.reason})` : ''
      return `${each.event} ${each.state.status}${reason}`
    })
    .join(', ')
}

function fail(what: string): never {
  throw new TypeError(`the setting has no good ${what}`)
}
