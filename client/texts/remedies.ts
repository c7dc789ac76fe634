import type { ErrorCode } from '../../plugin/contract/errors/errors.ts'

/**
 * What to do about an error at the command line: a command to run or something to set. `of` is the option for the named account,
 * such as ` --account sales`; it is empty if no account was named.
 */
export const REMEDIES: Partial<Record<ErrorCode, (of: string) => string>> = {
  unauthorized: () => 'Set AGENTCY_TOKEN to a valid token of the host.',
  policy_denied: () => 'See: agentcy-whatsapp policies list',
  channel_not_configured: of =>
    `Run: agentcy-whatsapp pair${of}; or see which accounts there are: agentcy-whatsapp status`,
  already_connected: of => `To unlink it: agentcy-whatsapp unpair${of}`,
  not_paired: of => `Run: agentcy-whatsapp pair${of}`,
  passkey_not_awaited: of => `To start again: agentcy-whatsapp pair${of}`,
  number_in_use: () => 'Unlink it there: agentcy-whatsapp unpair --account <name>',
  unknown_agent: () => 'See the agents: agentcy-whatsapp agents list',
  binding_changed: () => 'See: agentcy-whatsapp bindings list',
  message_not_unmatched: () => 'See: agentcy-whatsapp bindings explain <message>',
  approval_decided: () => 'See the pending ones: agentcy-whatsapp approvals list --status pending',
  turn_not_waiting: () => 'See: agentcy-whatsapp turns list',
  turn_over: () => 'See the running ones: agentcy-whatsapp turns list --status running',
  already_sent: () => 'See its status: agentcy-whatsapp sends get <id>',
  too_many_waiting_sends: () =>
    'See them: agentcy-whatsapp sends list --status accepted; cancel one: agentcy-whatsapp sends cancel <id>',
  internal: () => 'See the log: agentcy-whatsapp logs',
  pairing_refused: of => `See why: agentcy-whatsapp status${of}`,
  client_outdated: () => 'Then: agentcy-whatsapp reload',
  account_stopped: of => `See why: agentcy-whatsapp status${of}`,
}

/** Matches a sentence for callers that use the HTTP API. */
const OF_HTTP = /\/api\/v1|\b(?:GET|POST|PUT|PATCH|DELETE) |Authorization:/
/** Matches a sentence that refers to a field of the answer; the command line prints the value of the field instead. */
const OF_FIELD = /"retry_at"/

/** The host's message without the sentences for HTTP callers; null if no other sentence is left. */
export function withoutHttp(message: string, saysWhen: boolean): string | null {
  const isMeant = (sentence: string): boolean => !OF_HTTP.test(sentence) && !(saysWhen && OF_FIELD.test(sentence))
  const others = message.split(/(?<=\.) +/).filter(isMeant)
  return others.length === 0 ? null : others.join(' ')
}
