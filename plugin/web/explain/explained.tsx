import type { WireExplanation } from '../../contract/api/bindings.ts'
import { thenAndNow } from '../../contract/then-and-now.ts'
import type { Tone } from '../texts/tone.ts'
import { Badge } from '../parts/badge.tsx'

type Judged = WireExplanation['bindings'][number]

const VERDICTS: Record<Judged['verdict'], { tone: Tone; word: string }> = {
  holds: { tone: 'good', word: 'holds' },
  fails: { tone: 'plain', word: 'does not match' },
  undecided: { tone: 'wait', word: 'not known yet' },
  too_slow: { tone: 'wait', word: 'takes too long' },
  disabled: { tone: 'wait', word: 'disabled' },
}
const HELD = { yes: '✓ yes', no: '✗ no', unknown: '? not known', too_slow: '? takes too long' } as const

/** Why nobody answers; other reasons are shown as they are. */
const REASONS: Readonly<Record<string, string>> = {
  no_binding: 'no binding matches it. Add one, or change a rule',
  identity_unknown:
    'a binding names a person by an address that is not yet known for the sender. The message is matched again once it is',
  link_unconfirmed: 'nobody has seen yet which number was linked. Open the channel to confirm it',
  view_once_on_phone: 'it can be viewed once, on the phone only',
  secret_unknown: 'it is encrypted with the secret of a message that is not here, or is older than 90 days',
  not_opened: 'it is encrypted, and the secret of its message does not decrypt it',
  malformed: 'it is encrypted, and its content cannot be read',
  rate_limited: 'the limit of messages per minute is reached',
  forgotten: 'it has disappeared from its chat and was deleted',
  human_takeover: 'a person had taken over the chat',
  album_late: 'its album was answered before it arrived',
  edited_away: 'it was edited before its agent ran, and no binding matches the new text',
  rule_too_slow: 'searching the pattern of a binding takes too long. Shorten the pattern',
  loop_suspected: 'its chat looks like a conversation with a machine',
}

function verdictOf({ outcome, reason, binding_id: id, bindings }: WireExplanation): string {
  const answering = bindings.find(each => each.id === id)
  if (outcome === 'matched') return `${answering?.agent ?? 'An agent whose binding is gone'} answers.`
  const why = REASONS[reason ?? ''] ?? reason ?? 'nothing matches it'
  return outcome === 'ignored' ? `It is ignored: ${why}.` : `No agent answers: ${why}.`
}

function Clauses({ clauses, agent }: Pick<Judged, 'clauses' | 'agent'>) {
  if (clauses.length === 0) return <p class="quiet">It matches every message.</p>
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

/** The verdict of each binding on a message, with its clauses, in matching order. */
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
