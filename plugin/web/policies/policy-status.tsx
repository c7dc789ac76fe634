import type { WirePolicyList } from '../../contract/api/policies.ts'
import { Badge, type Tone } from '../parts/badge.tsx'

type Status = WirePolicyList['status']

const STANDING: Record<Status, { tone: Tone; word: string; sentence: string }> = {
  in_force: {
    tone: 'good',
    word: 'in force',
    sentence: 'Each call of a tool and of the API is judged by these policies.',
  },
  last_good: {
    tone: 'wait',
    word: 'the ones before decide',
    sentence:
      'What is there now does not compile. What was in force before decides on, until what is named here is mended.',
  },
  refused: {
    tone: 'bad',
    word: 'everything is denied',
    sentence: 'What is there does not compile, and nothing good is left from before. Mend what is named here.',
  },
  suspended: {
    tone: 'bad',
    word: 'suspended',
    sentence:
      'They took too long or too much memory three times within an hour. Everything is denied until an owner changes or reloads them.',
  },
  none: {
    tone: 'wait',
    word: 'no policies',
    sentence: 'Without policies, tools that only read are called, and all others need an approval.',
  },
  off: {
    tone: 'wait',
    word: 'switched off',
    sentence:
      'Policies are switched off in the settings of the host: tools that only read are called, and all others need an approval.',
  },
}

export function PolicyStatusBadge({ status }: { status: Status }) {
  const { tone, word } = STANDING[status]
  return <Badge tone={tone}>{word}</Badge>
}

/** What the policies decide now, in a sentence. */
export const policyStatusSentence = (status: Status): string => STANDING[status].sentence
