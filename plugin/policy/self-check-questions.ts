import { claimed } from '../contract/claimed.ts'
import type { PolicyQuestion } from '../contract/policy.ts'
import type { OrgId } from '../contract/ids.ts'

const tool = (effect: string): PolicyQuestion => ({
  org: 'org_self_check' as OrgId,
  user: 'usr_self_check',
  role: 'viewer',
  channel: 'whatsapp',
  action: 'chat.tool.execute',
  resource: { connector: 'self', tool: 'self.check', tool_effect: effect },
  approvalGranted: false,
  requestId: 'req_self_check',
  message: {
    sender: '+10000000000',
    isGroup: true,
    quotedSender: null,
    claimed: { forwarded: claimed(false), forwardingScore: claimed(0), mentioned: claimed(true) },
    binding: null,
    account: 'default',
  },
})

/** The questions of the self-check. Policies must answer them; what they answer does not matter. */
export const SELF_CHECK_QUESTIONS: readonly PolicyQuestion[] = [
  tool('read'),
  tool('write'),
  tool('destructive'),
  { ...tool('write'), approvalGranted: true },
  {
    ...tool('read'),
    channel: 'api',
    role: 'owner',
    action: 'channel.list',
    resource: { channel: 'whatsapp' },
    message: null,
  },
]
