import { DEFAULT_ACCOUNT } from '../../plugin/contract/ids.ts'
import type { ListedTurn, TurnPage } from '../../plugin/contract/turn.ts'

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

/** Turns, newest first, as the store gives them. */
export const turnsOf = (all: readonly ListedTurn[], asked: TurnPage[]) => ({
  turns: {
    list: async (_org: unknown, page: TurnPage) => {
      asked.push(page)
      const from = page.before === null ? 0 : all.findIndex(({ id }) => id === page.before) + 1
      const fitting = all.slice(from).filter(({ status }) => page.status === null || status === page.status)
      return fitting.slice(0, page.limit)
    },
  },
})
