import { join } from 'node:path'

import { asChannelError, ChannelError, ERRORS } from '../../contract/errors/errors.ts'
import type {
  AnswerEnvelope,
  CommandEnvelope,
  CommandName,
  FromGateway,
  GatewayCommands,
  Hello,
} from '../../contract/gateway-protocol.ts'
import type { Log } from '../../contract/host.ts'
import { accountId, parseAccountName, parseOrgId, type AccountKey } from '../../contract/ids.ts'
import { PINNED_REFUSED } from '../../contract/web-version.ts'
import { createAccount, type Account, type AccountPorts } from './account.ts'
import { createAnnouncedVersion } from '../login/announced-version.ts'
import { createConnectPace } from '../login/connect-limiter.ts'
import { Decoders } from '../convert/decoders.ts'
import { createHearing } from '../connection/liveness.ts'
import { createLoginAttempts } from '../login/login-attempts.ts'
import { createPairingAttempts } from '../pairing/pairing-attempts.ts'
import { createRounds } from '../../base/rounds.ts'
import { BUILT_IN } from '../login/version-choice.ts'
import { askSource, WHATSAPP_SOURCE } from '../login/version-source.ts'
import { openTrace, TRACE_BOUNDS, type Trace } from '../stanzas/trace.ts'

/** The time limit of the inspection of a file. */
const DECODING_MS = 15_000

/** What the commands need. */
export type CommandPorts = {
  readonly hello: Hello
  /** The root key of the network's certificates, in hex. Accounts paired under another root are refused. */
  readonly noiseRoot: string
  /** The worker script that inspects files (decoder.ts). */
  readonly decoder: URL
  readonly log: Log
  readonly send: (message: FromGateway) => void
}

/** Executes commands. */
export type Commands = {
  readonly answer: (envelope: CommandEnvelope) => Promise<AnswerEnvelope>
  /** Disconnects all accounts and closes their files. */
  readonly close: () => Promise<void>
}

type Operations = {
  readonly [Name in CommandName]: (
    input: GatewayCommands[Name]['input'],
  ) => Promise<GatewayCommands[Name]['output']> | GatewayCommands[Name]['output']
}

export function createCommands(ports: CommandPorts): Commands {
  const accounts = new Map<string, Account>()
  const common = commonTo(ports)
  const of = ({ org, account }: AccountKey): Account => {
    if (!parseOrgId(org) || !parseAccountName(account)) throw new ChannelError('bad_request')
    const name = accountId({ org, account })
    const made = accounts.get(name) ?? makeAccount({ org, account }, { ...ports, ...common })
    accounts.set(name, made)
    return made
  }
  const close = async (): Promise<void> => {
    const closings = [...accounts.values()].map(account => account.close())
    await Promise.allSettled([...closings, common.decoders.close()])
  }
  const operations = operationsOn(of, close)
  return {
    close,
    answer: async ({ id, name, input }) => {
      try {
        const operation = operations[name] as (input: unknown) => unknown
        return { kind: 'answer', id, ok: true, output: await operation(input) }
      } catch (thrown) {
        const { code, message, more } = asChannelError(thrown)
        const reason = more.reason === undefined ? {} : { reason: more.reason }
        if (code === 'internal') ports.log.error({ command: name, kind: kindOf(thrown) }, 'command failed')
        return { kind: 'answer', id, ok: false, error: { code, message, ...reason } }
      }
    },
  }
}

function operationsOn(of: (key: AccountKey) => Account, close: () => Promise<void>): Operations {
  return {
    'account.open': async input => ({ state: await of(input).open() }),
    'account.close': async input => {
      await of(input).close()
      return null
    },
    'account.ping': input => of(input).linked().ping(),
    'account.unlink': async input => ({ unlinked: await of(input).unlink() }),
    'pairing.start': async input => {
      await of(input).startPairing(input.session, null)
      return null
    },
    'pairing.start_code': async input => {
      await of(input).startPairing(input.session, input.phone)
      return null
    },
    'pairing.passkey': input => of(input).answerPasskey(input.session, input.assertion),
    'pairing.passkey_confirm': input => ({ done: of(input).confirmPasskey(input.session) }),
    'pairing.stop': async input => {
      await of(input).stopPairing(input.session)
      return null
    },
    'journal.pull': async input => ({ entries: await of(input).file().handOver(input.after, input.limit) }),
    'journal.confirm': input => {
      of(input).file().journal.confirm(input.through)
      return null
    },
    'message.render': input => of(input).file().render(input),
    'message.transmit': input => of(input).linked().transmit(input),
    ...besides(of),
    stop: async () => {
      await close()
      return null
    },
  }
}

type Besides = Pick<
  Operations,
  | 'account.forget'
  | 'contact.lookup'
  | 'groups.list'
  | 'groups.get'
  | 'media.fetch'
  | 'media.release'
  | 'chat.typing'
  | 'chat.read'
>

/** The remaining commands: forgetting, files, contacts, groups, typing and read receipts. */
function besides(of: (key: AccountKey) => Account): Besides {
  return {
    'account.forget': input => ({ nextAt: of(input).file().forget(input) }),
    'media.fetch': input => of(input).linked().fetch(input),
    'media.release': async input => {
      await of(input).file().release(input.file)
      return null
    },
    'contact.lookup': input => of(input).linked().lookUp(input.number),
    'groups.list': async input => ({ groups: await of(input).linked().directory.list() }),
    'groups.get': async input => ({ group: await of(input).linked().directory.get(input.group) }),
    'chat.typing': input => {
      of(input).linked().attention.typing(input.chat, input.typing)
      return null
    },
    'chat.read': input => {
      of(input).linked().attention.read(input)
      return null
    },
  }
}

/** What all accounts of the process share. */
type Common = Pick<AccountPorts, 'attempts' | 'pairingAttempts' | 'nextRound' | 'outdatedDetail' | 'decoders'> & {
  readonly trace: Trace
}

function commonTo({ hello, decoder, log, send }: CommandPorts): Common {
  const { network, webVersion } = hello
  const source = network ? network.versionUrl : WHATSAPP_SOURCE
  const version = createAnnouncedVersion({
    ...webVersion,
    ask: source === null ? null : () => askSource(source, BUILT_IN.version),
    now: Date.now,
    log,
    report: state => send({ kind: 'web_version', ...state }),
  })
  const pace = createConnectPace(() => performance.now())
  const ports = { version, pace, now: Date.now }
  return {
    trace: openTrace(hello.traceFolder, { log, now: Date.now, bounds: TRACE_BOUNDS }),
    decoders: new Decoders({ entry: decoder, deadlineMs: DECODING_MS, log }),
    attempts: createLoginAttempts(ports),
    pairingAttempts: createPairingAttempts(ports),
    nextRound: createRounds(),
    outdatedDetail: webVersion.pinned === null ? ERRORS.client_outdated.sentence : PINNED_REFUSED,
  }
}

type Makings = CommandPorts & Common

function makeAccount(key: AccountKey, { hello, noiseRoot, log, send, trace, ...common }: Makings): Account {
  return createAccount({
    place: { authFolder: hello.authFolder, key, noiseRoot },
    qrTimes: hello.qrTimes,
    lineTimes: hello.lineTimes,
    messageAcks: hello.messageAcks,
    url: hello.network?.url ?? null,
    mediaFolder: join(hello.mediaFolder, key.org, key.account),
    org: key.org,
    ...common,
    log,
    trace: trace.of(key),
    now: Date.now,
    random: Math.random,
    report: state => {
      log.debug({ ...key, status: state.status, reason: 'reason' in state ? state.reason : null }, 'connection')
      send({ kind: 'event', ...key, event: 'connection', state })
    },
    pairing: (session, state) => {
      log.info({ ...key, status: state.status, reason: 'reason' in state ? state.reason : null }, 'pairing')
      send({ kind: 'event', ...key, event: 'pairing', session, state })
    },
    heard: createHearing(Date.now, at => send({ kind: 'event', ...key, event: 'heard', at })),
    expires: (version, expiresAt) => send({ kind: 'event', ...key, event: 'client_expiration', version, expiresAt }),
    backlog: backlog => send({ kind: 'event', ...key, event: 'backlog', backlog }),
    caughtUp: head => send({ kind: 'event', ...key, event: 'caught_up', head }),
    unknown: (tag, count) => send({ kind: 'event', ...key, event: 'unknown_stanzas', tag, count }),
    grown: head => send({ kind: 'event', ...key, event: 'journal', head }),
    moved: progress => send({ kind: 'event', ...key, event: 'media', ...progress }),
  })
}

/** The name and code of what was thrown. Its message is left out: it may contain anything. */
const kindOf = (thrown: unknown): string => {
  if (!(thrown instanceof Error)) return typeof thrown
  const { name, code } = thrown as NodeJS.ErrnoException
  return code === undefined ? name : `${name} ${code}`
}
