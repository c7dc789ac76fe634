import { PatternSearch } from '../../plugin/patterns/pattern-search.ts'
import { SearchAhead } from '../../plugin/patterns/search-ahead.ts'
import type { Store } from '../../plugin/store/database.ts'
import { TOOLS } from '../../plugin/worker-process/tools.ts'
import type { Job, JobOutcome, JobRunner } from '../../plugin/workers/job.ts'
import { keptLog } from './host.ts'

/** Runs jobs in this process, at once, and ends none. */
export const inPlace: JobRunner = {
  run: ({ tool, message, bytes = [] }: Job): Promise<JobOutcome> => {
    try {
      const answer: unknown = TOOLS[tool](message as never, bytes)
      return Promise.resolve({ outcome: 'answered', answer: JSON.parse(JSON.stringify(answer)) as unknown, tookMs: 0 })
    } catch {
      return Promise.resolve({ outcome: 'ended', why: 'broken' })
    }
  },
}

export const patternsInPlace = new PatternSearch(inPlace)

/** Searches texts ahead, wherever a job runner does. */
export const searchingIn = (store: Store, jobs: JobRunner = inPlace, log = keptLog().log): SearchAhead =>
  new SearchAhead({ store, patterns: new PatternSearch(jobs), log })
