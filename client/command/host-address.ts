import type { HostAddress } from './command.ts'
import type { Environment } from '../terminal/terminal.ts'

const DEFAULT_URL = 'http://127.0.0.1:8080'

/** The address of the host and the token, or a sentence that says what is missing. */
export function hostAddress(environment: Environment): HostAddress | string {
  const origin = hostOrigin(environment)
  if (origin === null) return 'AGENTCY_URL is not an http or https address.'
  const token = environment['AGENTCY_TOKEN'] ?? ''
  if (token === '') return 'AGENTCY_TOKEN is not set: set it to a bearer token of the host.'
  return { origin, token }
}

/** The address of the host; null if AGENTCY_URL is not a valid address. */
export function hostOrigin(environment: Environment): string | null {
  const url = environment['AGENTCY_URL'] ?? DEFAULT_URL
  const parsed = URL.canParse(url) ? new URL(url) : null
  return parsed && /^https?:$/.test(parsed.protocol) ? parsed.origin : null
}
