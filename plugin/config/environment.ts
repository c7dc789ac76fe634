import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

import { ChannelError } from '../contract/errors/errors.ts'
import type { NetworkChoice } from '../contract/gateway-protocol.ts'
import { networkRefusal } from '../contract/loopback.ts'
import { ensurePrivateFolder } from '../files/private-path.ts'

/** Where to look for the Rego compiler. */
export type CompilerPlaces = {
  readonly opaPath: string | null
  readonly path: string | null
  /** The compiler's time limit, in ms; 10 s if missing. */
  readonly limitMs?: number
}

/** The configuration from the environment, fixed for the life of the process. */
export type Environment = {
  /** Null: WhatsApp itself. */
  readonly network: NetworkChoice | null
  /** `$OPENFANG_HOME/whatsapp-gateway` */
  readonly stateFolder: string
  /** Whether sends are paced. */
  readonly pacing: boolean
  /** Whether a chat that looks like a loop is not answered until a person has looked at it. */
  readonly loopGuard: boolean
  /** Whether a message that was read is acked in addition to its receipt. */
  readonly messageAcks: boolean
  /** Whether policies decide; if not, the built-in decision applies. */
  readonly policies: boolean
  /** Where to look for the Rego compiler. */
  readonly compiler: CompilerPlaces
}

type Variables = Readonly<Record<string, string | undefined>>

function networkOf(variables: Variables): NetworkChoice | null {
  const { WHATSAPP_WEB_SOCKET_URL: url, WHATSAPP_NOISE_ROOT_KEY: noiseRootKey } = variables
  const versionUrl = variables['WHATSAPP_WEB_VERSION_URL'] || null
  if (!url && !noiseRootKey && versionUrl !== null) {
    throw refused('WHATSAPP_WEB_VERSION_URL is of another network: set it together with WHATSAPP_WEB_SOCKET_URL.')
  }
  if (!url && !noiseRootKey) return null
  if (!url || !noiseRootKey) {
    throw refused(
      'WHATSAPP_WEB_SOCKET_URL and WHATSAPP_NOISE_ROOT_KEY name another network together: set both or none.',
    )
  }
  const network = { url, noiseRootKey, versionUrl }
  const refusal = networkRefusal(network)
  if (refusal) throw refused(refusal)
  return network
}

function pacingOf(variables: Variables, network: NetworkChoice | null): boolean {
  const { WHATSAPP_PACING: pacing = 'on' } = variables
  if (pacing !== 'on' && pacing !== 'off') throw refused('WHATSAPP_PACING is neither "on" nor "off".')
  if (pacing === 'off' && !network) throw refused('WHATSAPP_PACING can be off only on a network on loopback.')
  return pacing === 'on'
}

function loopGuardOf({ WHATSAPP_LOOP_GUARD: guard = 'on' }: Variables, network: NetworkChoice | null): boolean {
  if (guard !== 'on' && guard !== 'off') throw refused('WHATSAPP_LOOP_GUARD is neither "on" nor "off".')
  if (guard === 'off' && !network) throw refused('WHATSAPP_LOOP_GUARD can be off only on a network on loopback.')
  return guard === 'on'
}

function messageAcksOf({ WHATSAPP_MESSAGE_ACKS: acks = 'off' }: Variables): boolean {
  if (acks !== 'on' && acks !== 'off') throw refused('WHATSAPP_MESSAGE_ACKS is neither "on" nor "off".')
  return acks === 'on'
}

function policiesOf({ AGENTCY_FEATURES_POLICIES: policies = 'true' }: Variables): boolean {
  if (policies !== 'true' && policies !== 'false') {
    throw refused('AGENTCY_FEATURES_POLICIES is neither "true" nor "false".')
  }
  return policies === 'true'
}

function refused(sentence: string): ChannelError {
  return new ChannelError('bad_settings', sentence)
}

/** Also checked here, so that nobody believes that a trace is written when none is. */
function refuseTrace({ WHATSAPP_TRACE: folder }: Variables): void {
  if (!folder) return
  if (!isAbsolute(folder)) throw refused('WHATSAPP_TRACE is not the path of a folder from the root, as /var/tmp/trace.')
  const fault = ensurePrivateFolder(folder)
  if (fault) throw refused(`WHATSAPP_TRACE: ${fault}`)
}

/** Reads the environment. @throws ChannelError `bad_settings`, with the reason why the channel does not start. */
export function readEnvironment(variables: Variables): Environment {
  if (variables['DATABASE_URL']) {
    throw refused('DATABASE_URL is reserved: several hosts cannot share the work yet. Unset it to start on SQLite.')
  }
  refuseTrace(variables)
  const network = networkOf(variables)
  const home = variables['OPENFANG_HOME'] || join(variables['HOME'] || homedir(), '.openfang')
  return {
    network,
    stateFolder: join(home, 'whatsapp-gateway'),
    pacing: pacingOf(variables, network),
    loopGuard: loopGuardOf(variables, network),
    messageAcks: messageAcksOf(variables),
    policies: policiesOf(variables),
    compiler: { opaPath: variables['OPA_PATH'] || null, path: variables['PATH'] ?? null },
  }
}
