import type { RouterInputs } from '../../api/trpc/router.ts'

/** The values of a policy test. */
export type Trial = {
  readonly role: 'viewer' | 'member' | 'admin' | 'owner'
  readonly sender: string
  readonly isGroup: '' | 'yes' | 'no'
  readonly action: string
  readonly tool: string
  readonly effect: 'read' | 'write' | 'destructive'
  readonly approvalGranted: boolean
}

/** A viewer who requests a tool that writes, in a direct chat. */
export const FIRST_TRIAL: Trial = {
  role: 'viewer',
  sender: '',
  isGroup: 'no',
  action: 'chat.tool.execute',
  tool: 'service.restart',
  effect: 'write',
  approvalGranted: false,
}

/** The action of tool calls; all other actions are API calls, which have no tool. */
const TOOL_CALL = 'chat.tool.execute'

export const isToolCall = ({ action }: Pick<Trial, 'action'>): boolean => action.trim() === TOOL_CALL

/** The policy input, in the form that the gate sends. */
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
