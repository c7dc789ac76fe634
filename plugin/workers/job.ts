import type { OrgId } from '../contract/ids.ts'

/** The tools of workers, by name. */
export type ToolName = 'policies' | 'patterns'

/** A computation on something that a tenant or a contact wrote, which may therefore take for ever, or all memory. */
export type Job = {
  /** The org it is for. An org holds one worker at most, and a worker does the jobs of one org at a time. */
  readonly org: OrgId
  readonly tool: ToolName
  /** The input of the tool: JSON, and bytes beside it. */
  readonly message: unknown
  readonly bytes?: readonly Uint8Array[]
  /** How much processor time it may take. An org whose job took a quarter of it counts as slow for an hour. */
  readonly limitMs: number
  /** After this time it is ended, whatever kept it waiting, a busy machine included. */
  readonly longestMs: number
  /** How long it may wait for a worker. */
  readonly patienceMs: number
}

/**
 * Why a job has no answer. `time`, `memory`: it took too much, and its worker was ended. `broken`: its tool threw, or its worker
 * failed. `crowded`: too many jobs of its org wait, or it has waited too long. `closed`: the pool is closed, or no worker could be
 * started.
 */
export type JobFailure = 'time' | 'memory' | 'broken' | 'crowded' | 'closed'

/** The result of a job. Nothing is thrown: the caller decides what a missing answer means, and it never means yes. */
export type JobOutcome =
  | { readonly outcome: 'answered'; readonly answer: unknown; readonly tookMs: number }
  | { readonly outcome: 'ended'; readonly why: JobFailure }

/** Runs jobs: a pool of workers, or a stand-in for one. */
export type JobRunner = { run: (job: Job) => Promise<JobOutcome> }

/** The message to a worker, beside bytes. */
export type ToWorker = { readonly tool: ToolName; readonly message: unknown }

/** The messages of a worker: first that it is ready, then for each message the answer, or that there is none. */
export type FromWorker =
  { readonly says: 'ready' } | { readonly says: 'answer'; readonly answer: unknown } | { readonly says: 'broken' }
