import type { WirePolicyTrial } from '../../contract/api/policies.ts'
import type { RouterInputs } from '../../api/trpc/router.ts'

/** What somebody wants to know the decision about. */
export type Trial = {
  readonly role: 'viewer' | 'member' | 'admin' | 'owner'
  readonly sender: string
  readonly isGroup: '' | 'yes' | 'no'
  readonly action: string
  readonly tool: string
  readonly effect: 'read' | 'write' | 'destructive'
  readonly approvalGranted: boolean
}

/** A viewer who asks for a tool that writes, in a direct chat. */
export const FIRST_TRIAL: Trial = {
  role: 'viewer',
  sender: '',
  isGroup: 'no',
  action: 'chat.tool.execute',
  tool: 'service.restart',
  effect: 'write',
  approvalGranted: false,
}

/** The action of tool calls; the others are calls of the API, which are about no tool. */
const TOOL_CALL = 'chat.tool.execute'

export const isToolCall = ({ action }: Pick<Trial, 'action'>): boolean => action.trim() === TOOL_CALL

/** The input that a policy is asked with, as the gate would ask. */
export function inputOf(trial: Trial): RouterInputs['policies']['test'] {
  const [connector = ''] = trial.tool.split('.', 1)
  const sender = trial.sender.trim()
  return {
    input: {
      subject: {
        role: trial.role,
        sender: sender === '' ? null : sender,
        is_group: trial.isGroup === '' ? null : trial.isGroup === 'yes',
      },
      action: trial.action.trim() === '' ? TOOL_CALL : trial.action.trim(),
      resource: isToolCall(trial) ? { connector, tool: trial.tool, tool_effect: trial.effect } : {},
      context: { approval_granted: trial.approvalGranted },
    },
  }
}

/** What a decision means. */
export const DECISIONS: Record<WirePolicyTrial['decision'], string> = {
  allow: 'Allowed.',
  approval_required: 'Denied, unless a person approves it.',
  deny: 'Denied, approved or not.',
  unjudged: 'There are no policies: a tool that only reads is allowed, any other needs an approval.',
}
