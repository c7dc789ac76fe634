import type { PolicyQuestion } from '../../plugin/contract/policy.ts'
import { READ } from './policies.ts'

/** Takes longer than anybody lives for calls of one action, and no time for all others. */
export const ENDLESS = `package agentcy.endless

deny["none"] {
  input.action == "channel.schema"
  n := numbers.range(1, 3000)
  some i, j, k, l
  n[i] > n[j]
  n[j] > n[k]
  n[k] > n[l]
  n[l] > n[i]
}
`

/** A call of the API that {@link ENDLESS} never comes to an end about. */
export const SLOW_CALL: PolicyQuestion = {
  ...READ,
  user: 'usr_viewer',
  role: 'viewer',
  channel: 'api',
  action: 'channel.schema',
  resource: { channel: 'whatsapp' },
  message: null,
}

/** What a person who writes on WhatsApp makes it be asked, which it never comes to an end about either. */
export const slowFor = (user: string): PolicyQuestion => ({ ...READ, user, action: 'channel.schema' })
