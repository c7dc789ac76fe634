import type { LookupAddress } from 'node:dns'

import { LIVE_CHECKS, type LiveCheck, type LiveFinding, type LiveTimes } from '../../contract/live-check.ts'
import type { SourceProblem, WebVersion } from '../../contract/web-version.ts'
import { verdictOn } from '../connection/disconnect-policy.ts'
import { seeLine, type LineSeen } from './connection-check.ts'
import { hostOf, reach, resolveName, withProxyHint, type ReachProblem } from './reach.ts'
import { BUILT_IN } from '../login/version-choice.ts'
import { askSource } from '../login/version-source.ts'

/** Which WhatsApp to check. */
export type LivePlace = {
  readonly socketUrl: string
  /** Null: WhatsApp itself, with the root that is built into Baileys. */
  readonly network: { readonly url: string } | null
  /** Null: nothing is fetched. */
  readonly versionUrl: string | null
  readonly hasProxy: boolean
}

/** What the check needs. */
export type LiveParts = {
  readonly resolve: (hostname: string) => Promise<LookupAddress[]>
  readonly times: LiveTimes
  /** Makes handshakes strict, under the root of this WhatsApp, and calls `trusted` for each one that holds. */
  readonly harden: (trusted: () => void) => void
  /** Gets the finding of each step as soon as the step is done. */
  readonly tell: (finding: LiveFinding) => void
}

type Said = Pick<LiveFinding, 'ok' | 'says' | 'todo'>
const fine = (says: string): Said => ({ ok: true, says, todo: null })
const wrong = (says: string, todo: string): Said => ({ ok: false, says, todo })

/** Checks WhatsApp step by step. The steps that a failed step prevents are reported as not tried. */
export async function lookAtWhatsApp(place: LivePlace, parts: LiveParts): Promise<void> {
  const { times } = parts
  const tell = (check: LiveCheck, said: Said): boolean => {
    parts.tell({ check, ...said })
    return said.ok
  }
  const notTried = (after: LiveCheck, because: string): void => {
    for (const check of LIVE_CHECKS.slice(LIVE_CHECKS.indexOf(after) + 1)) {
      tell(check, { ok: false, says: `Not tried, because ${because}.`, todo: null })
    }
  }
  const host = hostOf(new URL(place.socketUrl))
  const said = (problem: ReachProblem | null, otherwise: string): Said =>
    problem ? { ok: false, ...withProxyHint(problem, place.hasProxy) } : fine(otherwise)
  const unnamed = await resolveName(host, parts.resolve, times.name)
  if (!tell('name', said(unnamed, `${host.hostname} has an address.`))) {
    return notTried('name', 'the name does not resolve')
  }
  const unreached = await reach(host, times.reach)
  const secured = host.isSecure ? ', and its TLS certificate holds' : ''
  if (!tell('reach', said(unreached, `${host.hostname}:${host.port} answers${secured}.`))) {
    return notTried('reach', 'the host cannot be reached')
  }
  const { version, ...newest } = await newestVersion(place, times.version)
  tell('version', newest.said)
  const seen = await seeLine({ url: place.network?.url ?? null, version, times, harden: parts.harden })
  if (!tell('socket', socketSaid(seen, times))) return notTried('socket', 'the WebSocket does not open')
  if (!tell('certificate', certificateSaid(seen, times))) return notTried('certificate', 'nobody proved to be WhatsApp')
  tell('offer', offerSaid(seen, { version, withinMs: times.offer }))
}

const SOURCE: Readonly<Record<SourceProblem, string>> = {
  unreachable: 'cannot be reached',
  too_slow: 'is too slow',
  redirected: 'points to another address, which is not asked',
  refused: 'answers with an error',
  no_script: 'is a page and no script: somebody else answers, such as a sign-in page of this network',
  too_large: 'is too large',
  no_version: 'names no version',
  too_low: 'names a version that is older than the one this plugin brings',
  too_high: 'names a version that cannot be',
}

async function newestVersion(
  { versionUrl }: LivePlace,
  withinMs: number,
): Promise<{ said: Said; version: WebVersion }> {
  const builtIn = BUILT_IN.version
  if (versionUrl === null) {
    return { said: fine(`This network names no source; ${builtIn}, the built-in one, is announced.`), version: builtIn }
  }
  const found = await askSource(versionUrl, builtIn, withinMs)
  if ('version' in found) {
    return {
      said: fine(`The newest web client is ${found.version}, the built-in one ${builtIn}.`),
      version: found.version,
    }
  }
  const says = `${versionUrl} ${SOURCE[found.problem]}; ${builtIn}, the built-in one, is announced.`
  const todo = `Let this machine fetch ${versionUrl} unchanged, or name a version in the setting "web_version".`
  return { said: wrong(says, todo), version: builtIn }
}

const seconds = (ms: number): string => `${ms / 1_000} s`

function socketSaid({ opened, httpStatus }: LineSeen, times: LiveTimes): Said {
  if (opened) return fine('The WebSocket opens.')
  const todo = 'Let WebSockets through: a proxy or a firewall in between may cut or change them.'
  if (httpStatus !== null) return wrong(`It is answered with HTTP ${httpStatus} in place of a WebSocket.`, todo)
  return wrong(`No WebSocket opens within ${seconds(times.socket)}.`, todo)
}

function certificateSaid({ proved, closing }: LineSeen, times: LiveTimes): Said {
  if (closing && verdictOn(closing, { linked: false, restarted: true }).reason === 'server_not_trusted') {
    const todo = 'Do not link a phone from here: somebody in between answers in its place. Try another network.'
    return wrong("The server's certificate does not lead to WhatsApp's root.", todo)
  }
  if (proved) return fine("The certificate chain leads to WhatsApp's root.")
  const todo = 'Try again. If it stays so, something in between takes the connection and does not pass it on.'
  if (closing) return wrong('The line ends before the server has proved who it is.', todo)
  return wrong(`The server says nothing within ${seconds(times.certificate)}.`, todo)
}

const OUTDATED = 405

function offerSaid(
  { codes, closing }: LineSeen,
  { version, withinMs }: { version: WebVersion; withinMs: number },
): Said {
  if (codes !== null && codes > 0) return fine('WhatsApp offers to pair: a QR code could be shown.')
  if (codes === 0) return wrong('WhatsApp offers to pair, with no code that can be read.', 'Update the plugin.')
  const code = closing?.code ?? null
  if (code === OUTDATED) {
    const todo = `Update the plugin, or name a newer version in the setting "web_version" (https://web.whatsapp.com/sw.js has it).`
    return wrong(`WhatsApp refuses ${version} as too old (405).`, todo)
  }
  const todo = 'Try again in some minutes; if it stays so, send us these lines.'
  if (closing) return wrong(`WhatsApp ends the line before it offers a code${code === null ? '' : ` (${code})`}.`, todo)
  return wrong(`WhatsApp offers no code within ${seconds(withinMs)}.`, todo)
}
