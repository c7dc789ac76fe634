import type { MatchInput, Resolution } from '../../plugin/contract/binding.ts'
import type { Seen } from '../../plugin/routing/explain-rule.ts'
import { Findings, Unsearched } from '../../plugin/patterns/findings.ts'
import { patternTool, type PatternMessage } from '../../plugin/patterns/search-tool.ts'
import type { RuleIndex } from '../../plugin/routing/rule-index.ts'
import { searchedIn } from '../../plugin/routing/match-rule.ts'

const toolAnswers = <Answer>(message: PatternMessage): Answer => patternTool(message) as unknown as Answer

/** How rules resolve a question, with all that they want searched first. */
export function resolved(rules: RuleIndex, question: MatchInput): Resolution {
  const findings = new Findings()
  for (;;) {
    findings.begin(false)
    try {
      return rules.resolve(question, findings)
    } catch (error) {
      if (!(error instanceof Unsearched)) throw error
      for (const wanted of error.wanted) {
        const { text, bindings } = wanted
        for (const { rule } of bindings) {
          const pattern = rule.text_regex ?? ''
          const [isThere] = toolAnswers<boolean[]>({ ask: 'search', text, patterns: [pattern], all: false })
          findings.note(wanted, pattern, isThere === true ? 'found' : 'absent')
        }
      }
    }
  }
}

/** What patterns find in the text of a question. */
export const seenIn =
  ({ text }: MatchInput) =>
  (pattern: string): Seen => {
    const [shown = null] = toolAnswers<(string | null)[]>({ ask: 'show', text: searchedIn(text), patterns: [pattern] })
    return { finding: shown === null ? 'absent' : 'found', shown }
  }
