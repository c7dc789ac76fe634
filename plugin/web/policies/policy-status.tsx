import type { WirePolicyList } from '../../contract/api/policies.ts'
import { policyTexts as texts } from '../texts/policy-texts.ts'
import type { Tone } from '../texts/tone.ts'
import { Badge } from '../parts/badge.tsx'

type Status = WirePolicyList['status']

const TONES: Record<Status, Tone> = {
  in_force: 'good',
  last_good: 'wait',
  refused: 'bad',
  suspended: 'bad',
  none: 'wait',
  off: 'wait',
}

export const PolicyStatusBadge = ({ status }: { status: Status }) => (
  <Badge tone={TONES[status]}>{texts.states[status].word}</Badge>
)

/** What the policies decide now, in a sentence. */
export const policyStatusSentence = (status: Status): string => texts.states[status].sentence
