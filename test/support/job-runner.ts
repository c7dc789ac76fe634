import { PatternSearch } from '../../plugin/patterns/pattern-search.ts'
import { SearchAhead } from '../../plugin/patterns/search-ahead.ts'
import type { Store } from '../../plugin/store/database.ts'
import { TOOLS } from '../../plugin/worker-process/tools.ts'
import type { Outcome, Work, Workshop } from '../../plugin/workers/job.ts'
import { keptLog } from './host.ts'

/** Does work in this process, when it is asked to, and ends none. */
export const inPlace: Workshop = {
  run: ({ tool, message, bytes = [] }: Work): Promise<Outcome> => {
    try {
      const answer: unknown = TOOLS[tool](message as never, bytes)
      return Promise.resolve({ outcome: 'answered', answer: JSON.parse(JSON.stringify(answer)) as unknown, tookMs: 0 })
    } catch {
      return Promise.resolve({ outcome: 'ended', why: 'broken' })
    }
  },
}

export const patternsInPlace = new PatternSearch(inPlace)

/** Searches texts ahead, wherever a workshop does. */
export const searchingIn = (store: Store, workshop: Workshop = inPlace, log = keptLog().log): SearchAhead =>
  new SearchAhead({ store, patterns: new PatternSearch(workshop), log })
