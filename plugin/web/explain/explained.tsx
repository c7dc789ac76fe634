import type { WireExplanation } from '../../contract/api/bindings.ts'
import { thenAndNow } from '../../contract/then-and-now.ts'
import type { Tone } from '../texts/tone.ts'
import { Badge } from '../parts/badge.tsx'
import { explainTexts as texts } from '../texts/explain-texts.ts'

type Judged = WireExplanation['bindings'][number]

const VERDICTS: Record<Judged['verdict'], { tone: Tone; word: string }> = {
  holds: { tone: 'good', word: texts.holds },
  fails: { tone: 'plain', word: texts.doesNotMatch },
  undecided: { tone: 'wait', word: texts.notKnownYet },
  too_slow: { tone: 'wait', word: texts.takesTooLong },
  disabled: { tone: 'wait', word: texts.disabled },
}
const HELD: Record<Judged['clauses'][number]['held'], string> = {
  yes: texts.foundYes,
  no: texts.foundNo,
  unknown: texts.foundNotKnown,
  too_slow: texts.foundTakesTooLong,
}

/** Why nobody answers; other reasons are shown as they are. */
const REASONS: Readonly<Record<string, string>> = {
  no_binding: texts.noBinding,
  identity_unknown: texts.senderUndecided,
  link_unconfirmed: texts.linkNotConfirmed,
  view_once_on_phone: texts.viewedOnce,
  secret_unknown: texts.secretMissing,
  not_opened: texts.secretWrong,
  malformed: texts.contentUnreadable,
  rate_limited: texts.overBudget,
  forgotten: texts.disappeared,
  human_takeover: texts.takenOver,
  album_late: texts.lateForItsAlbum,
  edited_away: texts.editedBefore,
  rule_too_slow: texts.patternTooSlow,
  loop_suspected: texts.loopSuspected,
}

function verdictOf({ outcome, reason, binding_id: id, bindings }: WireExplanation): string {
  const answering = bindings.find(each => each.id === id)
  if (outcome === 'matched') return texts.agentAnswers(answering?.agent ?? texts.bindingIsGone)
  const why = REASONS[reason ?? ''] ?? reason ?? texts.nothingMatchesIt
  return outcome === 'ignored' ? texts.itIsIgnored(why) : texts.noAgentAnswers(why)
}

function Clauses({ clauses, agent }: Pick<Judged, 'clauses' | 'agent'>) {
  if (clauses.length === 0) return <p class="quiet">{texts.itMatchesEveryMessage}</p>
  return (
    <table aria-label={texts.clausesOf(agent)}>
      <thead>
        <tr>
          <th scope="col">{texts.clause}</th>
          <th scope="col">{texts.wanted}</th>
          <th scope="col">{texts.found}</th>
          <th scope="col">{texts.held}</th>
        </tr>
      </thead>
      <tbody>
        {clauses.map(({ key, wanted, found, held }) => (
          <tr key={key}>
            <th scope="row">{key}</th>
            <td>
              <bdi>{wanted}</bdi>
            </td>
            <td>
              <bdi>{found ?? '–'}</bdi>
            </td>
            <td class={`held-${held}`}>{HELD[held]}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** The verdict of each binding on a message, with its clauses, in matching order. */
export function Verdicts({ explanation: { binding_id: id, bindings } }: { explanation: WireExplanation }) {
  return (
    <ol class="rows" aria-label={texts.whatEachBindingSays}>
      {bindings.map(({ id: each, agent, verdict, clauses }) => (
        <li key={each} class="explained">
          <header>
            <strong>{agent}</strong>
            <span class="inline">
              {each === id && <Badge tone="good">{texts.answers}</Badge>}
              <Badge tone={VERDICTS[verdict].tone}>{VERDICTS[verdict].word}</Badge>
            </span>
          </header>
          <Clauses clauses={clauses} agent={agent} />
        </li>
      ))}
    </ol>
  )
}

type ExplainedParts = {
  readonly explanation: WireExplanation
  /** The verdict when the message arrived; null for a made-up message. */
  readonly before: WireExplanation | null
}

/** Who answers a message, and the clauses of each binding. */
export function Explained({ explanation, before }: ExplainedParts) {
  const verdict = verdictOf(explanation)
  return (
    <>
      <p role="status" class={`note ${explanation.outcome === 'matched' ? 'good' : 'wait'}`}>
        <strong>{before === null ? verdict : thenAndNow(before, explanation)}</strong>
      </p>
      {before !== null && explanation.outcome !== 'matched' && <p class="quiet">{verdict}</p>}
      <Verdicts explanation={explanation} />
    </>
  )
}
