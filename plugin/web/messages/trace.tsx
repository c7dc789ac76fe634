import type { WireExplanation } from '../../contract/api-bindings.ts'
import { useChannel } from '../channel.ts'
import { Badge, type Tone } from '../parts/badge.tsx'
import { Loaded } from '../parts/loaded.tsx'
import { useQuery } from '../query.ts'

type Verdict = WireExplanation['bindings'][number]
type Clause = Verdict['clauses'][number]

const VERDICTS: Record<Verdict['verdict'], { tone: Tone; word: string }> = {
  holds: { tone: 'good', word: 'fits' },
  fails: { tone: 'plain', word: 'does not fit' },
  undecided: { tone: 'wait', word: 'not known yet' },
  disabled: { tone: 'plain', word: 'switched off' },
}

const KEYS: Record<Clause['key'], string> = {
  group: 'the group is',
  from: 'the sender is',
  to: 'it is to',
  text_regex: 'the text has',
  mentioned: 'the number is mentioned:',
  chat_type: 'the chat is',
}

const HELD: Record<Clause['held'], string> = { yes: '✓', no: '✗', unknown: '?' }
const HELD_WORDS: Record<Clause['held'], string> = { yes: 'holds', no: 'does not hold', unknown: 'is not known' }

function ClauseLine({ clause: { key, wanted, found, held } }: { clause: Clause }) {
  return (
    <li>
      <span aria-hidden="true">{HELD[held]}</span> {KEYS[key]} <bdi>{wanted}</bdi> – {HELD_WORDS[held]}
      {found !== null && (
        <span class="quiet">
          {' '}
          (found <bdi>{found}</bdi>)
        </span>
      )}
    </li>
  )
}

function BindingLine({ binding, took }: { binding: Verdict; took: boolean }) {
  const { agent, verdict, clauses } = binding
  const { tone, word } = VERDICTS[verdict]
  return (
    <li>
      <code>{agent}</code> <Badge tone={tone}>{word}</Badge> {took && <strong>took it</strong>}
      <ul class="clauses">
        {clauses.map(clause => (
          <ClauseLine key={clause.key} clause={clause} />
        ))}
        {clauses.length === 0 && <li>takes every message</li>}
      </ul>
    </li>
  )
}

/** Which binding took a message, and why each of them did or did not; as they were when that was decided. */
export function Trace({ id, outcome }: { id: string; outcome: string | undefined }) {
  const { client } = useChannel()
  const trace = useQuery(signal => client.whatsapp.messages.trace.query({ id }, { signal }), [id, outcome])
  return (
    <>
      <h3>Bindings, in the order in which they were asked</h3>
      <Loaded query={trace}>
        {({ bindings, binding_id: took }) =>
          bindings.length === 0 ? (
            <p class="quiet">None was asked.</p>
          ) : (
            <ol class="verdicts">
              {bindings.map(binding => (
                <BindingLine key={binding.id} binding={binding} took={binding.id === took} />
              ))}
            </ol>
          )
        }
      </Loaded>
    </>
  )
}
