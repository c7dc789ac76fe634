import type { ErrorCode } from '../plugin/contract/errors/errors.ts'

/**
 * What to do about an error at the command line: the command, or what else a person sets there. `of` stands for the account
 * that was named, as ` --account sales`; it is empty when none was.
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

/** A sentence for those who speak HTTP with the host. */
const OF_HTTP = /\/api\/v1|\b(?:GET|POST|PUT|PATCH|DELETE) |Authorization:/
/** One that names a field of the answer, where a command says what stands in it. */
const OF_FIELD = /"retry_at"/

/** What the host says, without the sentences for those who speak HTTP with it; null when there are no others. */
export function withoutHttp(message: string, saysWhen: boolean): string | null {
  const isMeant = (sentence: string): boolean => !OF_HTTP.test(sentence) && !(saysWhen && OF_FIELD.test(sentence))
  const others = message.split(/(?<=\.) +/).filter(isMeant)
  return others.length === 0 ? null : others.join(' ')
}
