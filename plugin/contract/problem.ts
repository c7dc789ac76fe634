import type { AccountKey, AccountName, OrgId } from './ids.ts'

/** What is found wrong with the channel although its line to WhatsApp may be up, and what a person can do. */
type ProblemRow = {
  /** How it is logged when it begins. */
  readonly level: 'warn' | 'error'
  /** Whether no org can be served while it stands: the host is not ready then. */
  readonly stopsHost: boolean
  readonly says: (about: ProblemFacts) => string
  readonly todo: string
}

/** What a sentence about a problem may name. */
type ProblemFacts = Pick<Problem, 'agent' | 'count' | 'cause'>

const counted = (count: number | null, one: string, many: string): string =>
  count === 1 ? `1 ${one}` : `${count ?? 0} ${many}`

const causeIn = (cause: string | null): string => (cause === null ? '' : ` (${cause})`)

/** A turn whose attempt has run for so long runs too long. */
export const TURN_TOO_LONG_MS = 60_000
/** What the gateway has taken in is in the database after so long, or it is not taken over. */
export const NOT_TAKEN_OVER_MS = 30_000
/** So many failures of an agent within so long are a failing agent. */
export const AGENT_FAILURES = { most: 3, withinMs: 600_000 } as const

/** Every problem, the gravest first: the first one that an account has is the reason for which it is `degraded`. */
export const PROBLEMS = {
  disk_full: {
    level: 'error',
    stopsHost: true,
    says: ({ cause }) =>
      `The disk with the channel's files is full${causeIn(cause)}. Incoming messages wait and are not lost.`,
    todo: 'Free space on the disk of AGENTCY_HOME and OPENFANG_HOME. The channel then resumes by itself.',
  },
  store_unusable: {
    level: 'error',
    stopsHost: true,
    says: ({ cause }) =>
      `The channel's database cannot be written${causeIn(cause)}. Incoming messages wait and are not lost.`,
    todo: 'Check the disk and the permissions of whatsapp.db. If the disk failed, restart the host.',
  },
  gateway_down: {
    level: 'error',
    stopsHost: true,
    says: () => 'The process that connects to WhatsApp is not running.',
    todo: 'It is restarted by itself. The log of the host shows why it stopped.',
  },
  journal_waiting: {
    level: 'error',
    stopsHost: false,
    says: ({ count, cause }) =>
      `${counted(count, 'message', 'messages')} were received and cannot be stored${causeIn(cause)}. They wait and are not lost.`,
    todo: 'The log of the host shows why ("journal not taken over").',
  },
  workers_down: {
    level: 'error',
    stopsHost: false,
    says: () =>
      'The processes that evaluate policies and patterns do not start. Everything that they decide is refused.',
    todo: 'Check whether the host may start processes and has enough memory.',
  },
  audit_failing: {
    level: 'error',
    stopsHost: false,
    says: ({ cause }) => `The audit log cannot be written${causeIn(cause)}. Calls that must be audited are refused.`,
    todo: 'Free space for the audit log of the host, and check its permissions.',
  },
  files_unreachable: {
    level: 'error',
    stopsHost: false,
    says: ({ cause }) => `Files cannot be stored${causeIn(cause)}. Files of messages wait and are downloaded later.`,
    todo: 'Check the server or the folder in which the host stores its artifacts.',
  },
  agent_failing: {
    level: 'warn',
    stopsHost: false,
    says: ({ agent, count }) => `${agent ?? 'An agent'} failed ${count ?? 0} times within 10 minutes.`,
    todo: 'Open one of its messages to see the error. The log of the host shows it as "turn failed".',
  },
  turn_too_long: {
    level: 'warn',
    stopsHost: false,
    says: ({ agent, count }) =>
      `${agent ?? 'An agent'} has been working on ${counted(count, 'message', 'messages')} for more than a minute. Later messages in the chat wait.`,
    todo: 'Wait, or cancel the turn. It ends at its deadline.',
  },
  dead_letters: {
    level: 'warn',
    stopsHost: false,
    says: ({ count }) => `${counted(count, 'message was', 'messages were')} given up and not handled.`,
    todo: 'Retry or cancel each of them.',
  },
  compiler_missing: {
    level: 'warn',
    stopsHost: false,
    says: () => 'No Rego compiler is installed: the current policies remain in force and cannot be changed.',
    todo: 'Install "opa" (openpolicyagent.org), or set OPA_PATH to it.',
  },
} as const satisfies Record<string, ProblemRow>

/** The code of a problem, as it stands on the wire, in the log and in the metrics. */
export type ProblemCode = keyof typeof PROBLEMS
export const PROBLEM_CODES = Object.keys(PROBLEMS) as readonly ProblemCode[]

/** One thing that is wrong now. It is there as long as it holds, and disappears by itself. */
export type Problem = {
  readonly code: ProblemCode
  /** Null: of every org of the host. */
  readonly org: OrgId | null
  /** Null: of every account of the org. */
  readonly account: AccountName | null
  /** The agent it is about; null when it is about none. */
  readonly agent: string | null
  /** How many messages, turns or failures it is about; null when it is not about a number of them. */
  readonly count: number | null
  /** What the system or SQLite calls it, such as `SQLITE_FULL` or `ENOSPC`; null when it does not say. */
  readonly cause: string | null
  /** Since when; ms UTC. */
  readonly since: number
}

/** What a person is told of a problem. */
export function problemWords(problem: Problem): { readonly says: string; readonly todo: string } {
  const { says, todo }: ProblemRow = PROBLEMS[problem.code]
  return { says: says(problem), todo }
}

/** Whether no org of the host can be served while this stands. */
export const stopsHost = ({ code }: Pick<Problem, 'code'>): boolean => PROBLEMS[code].stopsHost

/** The first is the gravest; of two alike the one that began first. */
export function byGravity(one: Problem, other: Problem): number {
  return PROBLEM_CODES.indexOf(one.code) - PROBLEM_CODES.indexOf(other.code) || one.since - other.since
}

/** What the gateway has and the store has not: about how many entries, since when it does not go on, and why. */
export type Behind = AccountKey & { readonly count: number; readonly since: number; readonly cause: string | null }
