import { useState } from 'preact/hooks'

import type { WirePolicyTrial } from '../../contract/api/policies.ts'
import { useChannel } from '../data/channel.ts'
import { useDebounced } from '../hooks/debounced.ts'
import { policyTexts as texts } from '../texts/policy-texts.ts'
import type { Tone } from '../texts/tone.ts'
import { Card } from '../parts/card.tsx'
import { Loaded } from '../parts/loaded.tsx'
import { useQuery } from '../data/query.ts'
import { FIRST_TRIAL, inputOf } from './trial.ts'
import { TrialFields } from './trial-fields.tsx'

const TONES: Record<WirePolicyTrial['decision'], Tone> = {
  allow: 'good',
  approval_required: 'wait',
  deny: 'bad',
  unjudged: 'wait',
}

function Decision({ decision, rules, reason, took_ms: ms }: WirePolicyTrial) {
  return (
    <>
      <p role="status" class={`note ${TONES[decision]}`}>
        <strong>{texts.decisions[decision]}</strong>
      </p>
      {reason !== null && <p>{reason}</p>}
      {rules.length > 0 && (
        <ul class="rows" aria-label={texts.denyingRules}>
          {rules.map(({ rule, message }) => (
            <li key={rule + message} class="rule">
              <code>{rule}</code> {message}
            </li>
          ))}
        </ul>
      )}
      <p class="quiet">{texts.decidedIn(ms.toFixed(2))}</p>
    </>
  )
}

/** The decision on a test call by the current policies; nothing is executed. */
export function TestBox({ policies }: { policies: unknown }) {
  const { client } = useChannel()
  const [trial, setTrial] = useState(FIRST_TRIAL)
  const asked = useDebounced(trial)
  const query = useQuery(
    signal => client.policies.test.query(inputOf(asked), { signal }),
    [JSON.stringify(asked), policies],
  )
  return (
    <Card title={texts.test}>
      <TrialFields trial={trial} change={part => setTrial(before => ({ ...before, ...part }))} />
      <Loaded query={query}>{found => <Decision {...found} />}</Loaded>
    </Card>
  )
}
