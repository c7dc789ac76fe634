import type { WireAccount, WireChannel } from '../../plugin/contract/api/channels.ts'
import type { WhatsAppClient } from '../client.ts'
import type { HostAddress } from '../command/command.ts'
import { whyNotDone } from '../command/refusal.ts'
import { fine, type Finding, wrong } from './finding.ts'
import { checkNamedNumbers } from './named-numbers.ts'
import { checkRetention } from './retention.ts'

/** The Date header has a resolution of one second, and the answer takes a moment. */
const CLOCK_MOST_MS = 10_000
const LIMIT_MS = 10_000

/** Checks that the host answers and that its clock agrees with ours. Leaves out the clock if the host sends no date. */
export async function checkHost(origin: string, now: () => number): Promise<Finding[]> {
  const answer = await fetch(new URL('/healthz', origin), { signal: AbortSignal.timeout(LIMIT_MS) }).catch(() => null)
  if (!answer?.ok) {
    const todo = 'Start it, or set AGENTCY_URL to where it listens.'
    return [wrong('host', `No Agentcy host answers at ${origin}.`, todo)]
  }
  return [fine('host', `${origin} answers.`), ...checkClock(answer.headers.get('date'), now())]
}

/** Compares the Date header with our clock (ms UTC). Returns nothing if the header is missing or invalid. */
export function checkClock(date: string | null, nowMs: number): Finding[] {
  const theirs = Date.parse(date ?? '')
  if (Number.isNaN(theirs)) return []
  const apartMs = Math.abs(theirs - nowMs)
  if (apartMs <= CLOCK_MOST_MS) return [fine('clock', 'It agrees with the clock of the host.')]
  const says = `It is ${Math.round(apartMs / 1_000)} s ${theirs > nowMs ? 'behind' : 'ahead of'} the clock of the host.`
  return [
    wrong('clock', says, 'Correct the clock that is wrong, best by NTP: approvals and certificates depend on it.'),
  ]
}

/** Checks that the channel is configured and that its phones are linked. */
export async function checkChannel(client: WhatsAppClient['client'], { origin }: HostAddress): Promise<Finding[]> {
  try {
    const [{ channels }, { bindings }] = [await client.channels.list.query(), await client.bindings.list.query()]
    return [...channels.flatMap(checkAccounts), ...checkNamedNumbers(channels, bindings), ...checkRetention(channels)]
  } catch (error) {
    return [wrong('channel', whyNotDone(error, origin), 'Set AGENTCY_TOKEN to a token of this host.')]
  }
}

function checkAccounts({ channel, accounts }: WireChannel): Finding[] {
  if (accounts.length === 0) {
    return [wrong('channel', `${channel} is not configured.`, 'Run: agentcy-whatsapp pair')]
  }
  return [...accounts.map(checkAccount), ...checkVersion(accounts)]
}

function checkAccount({ account, connection }: WireAccount): Finding {
  const check = `account ${account}`
  const { status, phone, reason, detail, permanent } = connection
  if (status === 'connected') return fine(check, `It is connected as ${phone}.`)
  const says = `It is ${status}${reason === null ? '' : `: ${reason}`}.`
  if (status === 'not_paired') return wrong(check, says, `Run: agentcy-whatsapp pair --account ${account}`)
  return wrong(check, says, detail ?? (permanent ? 'It needs attention.' : 'Wait: it retries by itself.'))
}

const DAY_MS = 86_400_000
const NOTICE_MS = 14 * DAY_MS
const RENEW =
  'Allow the host to reach https://web.whatsapp.com, update the plugin, or set "web_version" to a newer one.'

/** Checks that WhatsApp accepts the announced client version, and for how long. Returns nothing if no version was announced yet. */
function checkVersion(accounts: readonly WireAccount[]): Finding[] {
  const check = 'client version'
  const announced = accounts.find(each => each.web_version !== null)?.web_version
  if (!announced) return []
  const { version, refused, source_problem: problem } = announced
  const [ends] = accounts.flatMap(each => each.client_expires_at ?? []).toSorted()
  if (refused) return [wrong(check, `WhatsApp rejects version ${version}, and no newer one was found.`, RENEW)]
  if (ends !== undefined) {
    const says = `WhatsApp accepts version ${version} until ${ends}.`
    return Date.parse(ends) - Date.now() > NOTICE_MS ? [fine(check, says)] : [wrong(check, says, RENEW)]
  }
  if (problem === null) return [fine(check, `${version} is announced.`)]
  return [wrong(check, `${version} is announced; the source of newer ones fails: ${problem}.`, RENEW)]
}
