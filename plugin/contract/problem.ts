import type { AccountKey, AccountName, OrgId } from './ids.ts'

/** A problem of the channel that can exist although the connection to WhatsApp is up, and what a person can do. */
type ProblemRow = {
  /** The log level when the problem begins. */
  readonly level: 'warn' | 'error'
  /** Whether no org can be served while the problem lasts; the host is not ready then. */
  readonly stopsHost: boolean
  readonly says: (about: ProblemFacts) => string
  readonly todo: string
}

/** The facts that a sentence about a problem may contain. */
type ProblemFacts = Pick<Problem, 'agent' | 'count' | 'cause'>

const counted = (count: number | null, one: string, many: string): string =>
  count === 1 ? `1 ${one}` : `${count ?? 0} ${many}`

const causeIn = (cause: string | null): string => (cause === null ? '' : ` (${cause})`)

/** A turn is too long once its attempt has run for this time. */
export const TURN_TOO_LONG_MS = 60_000
/** Entries that the gateway journaled must be in the database after this time; otherwise they count as not taken over. */
export const NOT_TAKEN_OVER_MS = 30_000
/** An agent counts as failing after this many failures within this time. */
export const AGENT_FAILURES = { most: 3, withinMs: 600_000 } as const

/** Every problem, the gravest first. The first one that an account has is the reason of its `degraded` state. */
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

/** The code of a problem, on the wire, in the log and in the metrics. */
export type ProblemCode = keyof typeof PROBLEMS
export const PROBLEM_CODES = Object.keys(PROBLEMS) as readonly ProblemCode[]

/** One current problem. It exists while its condition holds, and disappears by itself. */
export type Problem = {
  readonly code: ProblemCode
  /** Null: it concerns every org of the host. */
  readonly org: OrgId | null
  /** Null: it concerns every account of the org. */
  readonly account: AccountName | null
  /** The agent concerned; null if there is none. */
  readonly agent: string | null
  /** The number of messages, turns or failures concerned; null if no number applies. */
  readonly count: number | null
  /** The error code of the system or of SQLite, such as `SQLITE_FULL` or `ENOSPC`; null if there is none. */
  readonly cause: string | null
  /** Since when; ms UTC. */
  readonly since: number
}

/** The sentences that people see about a problem. */
export function problemWords(problem: Problem): { readonly says: string; readonly todo: string } {
  const { says, todo }: ProblemRow = PROBLEMS[problem.code]
  return { says: says(problem), todo }
}

/** Whether no org of the host can be served while this problem lasts. */
export const stopsHost = ({ code }: Pick<Problem, 'code'>): boolean => PROBLEMS[code].stopsHost

/** Sorts the gravest problem first, and of two with the same code the older one first. */
export function byGravity(one: Problem, other: Problem): number {
  return PROBLEM_CODES.indexOf(one.code) - PROBLEM_CODES.indexOf(other.code) || one.since - other.since
}

/** Journal entries that the store does not have yet: roughly how many, since when the takeover is stuck, and why. */
export type Behind = AccountKey & { readonly count: number; readonly since: number; readonly cause: string | null }
