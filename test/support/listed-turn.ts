import { DEFAULT_ACCOUNT } from '../../plugin/contract/ids.ts'
import type { ListedTurn } from '../../plugin/contract/turn.ts'

/** A turn that was answered, unless it is told otherwise. */
export const turn = (nth: number, more: Partial<ListedTurn> = {}): ListedTurn => ({
  id: `trn_${nth}`,
  account: DEFAULT_ACCOUNT,
  messageId: `msg_${nth}`,
  agent: 'echo',
  status: 'answered',
  code: null,
  failure: null,
  attempt: 1,
  beganAt: null,
  deadlineAt: null,
  pieces: 1,
  step: null,
  waitsFor: null,
  queuedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
  nextAt: null,
  endedAt: Date.UTC(2026, 0, 2, 3, 4, 6),
  ...more,
})
