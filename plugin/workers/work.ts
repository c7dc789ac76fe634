import type { OrgId } from '../contract/ids.ts'

/** What workers can do, by name. */
export type ToolName = 'policies' | 'patterns'

/** Something that is computed from what a tenant or a contact wrote, and so may take for ever, or all memory. */
export type Work = {
  /** Whose it is. An org holds one worker at most, and a worker does the work of one org at a time. */
  readonly org: OrgId
  readonly tool: ToolName
  /** What the tool is handed: JSON, and bytes beside it. */
  readonly message: unknown
  readonly bytes?: readonly Uint8Array[]
  /** How much of a processor it may take. Work that took a quarter of it makes its org a slow one for an hour. */
  readonly limitMs: number
  /** After which it is ended whatever kept it waiting, a busy machine included. */
  readonly longestMs: number
  /** How long it may wait for a worker before it begins. */
  readonly patienceMs: number
}

/**
 * Why work has no answer. `time`, `memory`: it took too much, and its worker was ended. `broken`: its tool threw, or its worker
 * broke down. `crowded`: too much work of its org waits, or has waited for too long. `closed`: nothing is begun any more, or no
 * worker could be.
 */
export type Ending = 'time' | 'memory' | 'broken' | 'crowded' | 'closed'

/** What became of work. Nothing is thrown: the caller decides what no answer means, and that is never a yes. */
export type Outcome =
  | { readonly outcome: 'answered'; readonly answer: unknown; readonly tookMs: number }
  | { readonly outcome: 'ended'; readonly why: Ending }

/** What does work: a pool of workers, or what stands in for one. */
export type Workshop = { run: (work: Work) => Promise<Outcome> }

/** What a worker is handed, beside bytes. */
export type ToWorker = { readonly tool: ToolName; readonly message: unknown }

/** What a worker says: first that it is ready, then of each message the answer, or that there is none. */
export type FromWorker =
  { readonly says: 'ready' } | { readonly says: 'answer'; readonly answer: unknown } | { readonly says: 'broken' }
