import type { WirePolicyList } from '../../contract/api/policies.ts'
import type { Tone } from '../texts/tone.ts'
import { Badge } from '../parts/badge.tsx'

type Status = WirePolicyList['status']

const STANDING: Record<Status, { tone: Tone; word: string; sentence: string }> = {
  in_force: {
    tone: 'good',
    word: 'in force',
    sentence: 'Each call of a tool and of the API is judged by these policies.',
  },
  last_good: {
    tone: 'wait',
    word: 'the previous ones are in force',
    sentence: 'The policies do not compile. The previous ones remain in force until the errors below are fixed.',
  },
  refused: {
    tone: 'bad',
    word: 'everything is denied',
    sentence:
      'The policies do not compile and there is no earlier working version, so all calls are denied. Fix the errors below.',
  },
  suspended: {
    tone: 'bad',
    word: 'suspended',
    sentence:
      'They took too long or too much memory three times within an hour. All calls are denied until an owner changes or reloads them.',
  },
  none: {
    tone: 'wait',
    word: 'no policies',
    sentence: 'Without policies, tools that only read are allowed, and all others need an approval.',
  },
  off: {
    tone: 'wait',
    word: 'switched off',
    sentence:
      'Policies are switched off in the settings of the host: tools that only read are allowed, and all others need an approval.',
  },
}

export function PolicyStatusBadge({ status }: { status: Status }) {
  const { tone, word } = STANDING[status]
  return <Badge tone={tone}>{word}</Badge>
}

/** What the policies decide now, in a sentence. */
export const policyStatusSentence = (status: Status): string => STANDING[status].sentence
