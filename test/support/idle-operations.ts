import { DEFAULT_ACCOUNT } from '../../plugin/contract/ids.ts'
import type { Problem } from '../../plugin/contract/problem.ts'
import type { ListedTurn } from '../../plugin/contract/turn.ts'
import type { OwnOperations } from './operations.ts'

const waiting: ListedTurn = {
  id: 'trn_1',
  account: DEFAULT_ACCOUNT,
  messageId: 'msg_1',
  agent: 'echo',
  status: 'queued',
  code: null,
  failure: null,
  attempt: 0,
  beganAt: null,
  deadlineAt: null,
  pieces: 1,
  step: null,
  waitsFor: null,
  queuedAt: 0,
  nextAt: null,
  endedAt: null,
}

export const dead: Problem = {
  code: 'dead_letters',
  org: null,
  account: DEFAULT_ACCOUNT,
  agent: null,
  count: 1,
  cause: null,
  since: 0,
}

/** The number is in no group; one turn is queued for those who watch, and one problem is there. */
export const idle = {
  metrics: { text: async () => '' },
  transfers: {
    async *watch() {
      yield { account: DEFAULT_ACCOUNT, messageId: 'msg_1', direction: 'outbound', doneBytes: 1, totalBytes: null }
    },
  },
  groups: { list: async () => [] },
  turns: { list: async () => [] },
  turnFeed: {
    async *watch() {
      yield waiting
    },
  },
  problems: {
    of: () => [dead],
    async *watch() {
      yield [dead]
    },
  },
  loops: { list: async () => [] },
  takeovers: { list: async () => [] },
  approvals: { list: async () => [] },
  files: {},
  traces: {},
} satisfies OwnOperations
