import type { WireAccount } from '../../contract/api/channels.ts'
import type { SourceProblem } from '../../contract/web-version.ts'
import { timeOf } from './words.ts'

const PROBLEMS: Record<SourceProblem, string> = {
  unreachable: 'it cannot be reached',
  too_slow: 'it does not answer in time',
  redirected: 'it names another address',
  refused: 'it answers with an error',
  no_script: 'it answers with a web page',
  too_large: 'it is too large',
  no_version: 'it contains no version',
  too_low: 'its version is older than the plugin’s own',
  too_high: 'its version is not plausible',
}

/** The finding about the announced version; null if there is nothing to report. */
export function versionFinding({
  web_version: announced,
  client_expires_at: expiresAt,
}: Pick<WireAccount, 'web_version' | 'client_expires_at'>): {
  tone: 'bad' | 'wait'
  word: string
  sentence: string
} | null {
  if (announced?.refused)
    return { tone: 'bad', word: 'refused', sentence: `WhatsApp rejects version ${announced.version}.` }
  if (expiresAt !== null)
    return { tone: 'wait', word: 'expires', sentence: `WhatsApp accepts this version until ${timeOf(expiresAt)}.` }
  const problem = announced?.source_problem
  if (!announced || problem === null || problem === undefined) return null
  const why = PROBLEMS[problem as SourceProblem]
  const sentence = `No newer version was found at web.whatsapp.com: ${why}. Until then ${announced.version} is announced.`
  return { tone: 'wait', word: 'not renewed', sentence }
}
