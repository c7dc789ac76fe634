import type { WireExplanation } from '../../contract/api/bindings.ts'
import { thenAndNow } from '../../contract/then-and-now.ts'
import { Badge, type Tone } from '../parts/badge.tsx'

type Judged = WireExplanation['bindings'][number]

const VERDICTS: Record<Judged['verdict'], { tone: Tone; word: string }> = {
  holds: { tone: 'good', word: 'holds' },
  fails: { tone: 'plain', word: 'does not hold' },
  undecided: { tone: 'wait', word: 'not known yet' },
  too_slow: { tone: 'wait', word: 'takes too long' },
  disabled: { tone: 'wait', word: 'disabled' },
}
const HELD = { yes: '✓ yes', no: '✗ no', unknown: '? not known', too_slow: '? takes too long' } as const

/** Why nobody answers; a reason that is not named here is shown as it is. */
const REASONS: Readonly<Record<string, string>> = {
  no_binding: 'no binding takes it. Make one, or change a rule',
  identity_unknown:
    'a binding names a person by an address that is not known of the sender yet. It is looked at again once it is',
  link_unconfirmed: 'nobody has been shown yet which number was linked. Look at the channel, and it goes on',
  view_once_on_phone: 'it is shown once, and by the phone only',
  secret_unknown: 'it is sealed with the secret of a message that did not come here, or is older than 90 days',
  not_opened: 'it is sealed, and the secret of the message that it is about does not open it',
  malformed: 'it is sealed, and nothing in it can be read',
  rate_limited: 'it is one more than may be answered in a minute',
  forgotten: 'it has disappeared from its chat, and what it said is forgotten',
  human_takeover: 'a person had the chat then',
  album_late: 'its album was answered before it came',
  edited_away: 'it was edited before its agent was asked, and no binding takes what it says now',
  rule_too_slow: 'the pattern of a binding takes too long to be searched in it. Shorten the pattern',
  loop_suspected: 'what comes to its chat looks like a machine that answers us',
}

function verdictOf({ outcome, reason, binding_id: id, bindings }: WireExplanation): string {
  const answering = bindings.find(each => each.id === id)
  if (outcome === 'matched') return `${answering?.agent ?? 'An agent whose binding is gone'} answers.`
  const why = REASONS[reason ?? ''] ?? reason ?? 'nothing takes it'
  return outcome === 'ignored' ? `It is ignored: ${why}.` : `Nobody answers: ${why}.`
}

function Clauses({ clauses, agent }: Pick<Judged, 'clauses' | 'agent'>) {
  if (clauses.length === 0) return <p class="quiet">It takes every message.</p>
  return (
    <table aria-label={`Clauses of ${agent}`}>
      <thead>
        <tr>
          <th scope="col">Clause</th>
          <th scope="col">Wanted</th>
          <th scope="col">Found</th>
          <th scope="col">Held</th>
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

/** What each binding says of a message, with each of its clauses, in the order in which they are asked. */
export function Verdicts({ explanation: { binding_id: id, bindings } }: { explanation: WireExplanation }) {
  return (
    <ol class="rows" aria-label="What each binding says">
      {bindings.map(({ id: each, agent, verdict, clauses }) => (
        <li key={each} class="explained">
          <header>
            <strong>{agent}</strong>
            <span class="inline">
              {each === id && <Badge tone="good">answers</Badge>}
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
  /** What was judged of it when it came; null of one that has not come. */
  readonly before: WireExplanation | null
}

/** Who answers a message, and each binding with each of its clauses. */
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
