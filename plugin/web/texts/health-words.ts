import type { WireHealth } from '../../contract/api/channels.ts'
import { rejectionSentence } from '../../../client/texts/rejection-words.ts'
import type { Tone } from './tone.ts'

/** A finding about an account: the word for it, and the kind of its evidence. */
export type Finding = {
  readonly tone: Tone
  readonly word: string
  /** Such as `heard`: placed before the age of the evidence. */
  readonly proof: string
  /** Shown if there is no evidence. */
  readonly unproven: string
  /** A further sentence; null if there is none. */
  readonly sentence: string | null
}

/** Whether the connection to WhatsApp is alive. */
export function lineFinding({ status }: WireHealth['transport']): Finding {
  const unproven = 'nothing received from WhatsApp yet'
  switch (status) {
    case 'up':
      return { tone: 'good', word: 'up', proof: 'heard', unproven, sentence: null }
    case 'down':
      return { tone: 'bad', word: 'down', proof: 'lost', unproven: 'it was lost', sentence: null }
    case 'unknown':
      return { tone: 'wait', word: 'not known', proof: 'last heard', unproven, sentence: null }
  }
}

const REJECTED = /^rejected: (?<code>[0-9]+)$/

function reasonOf(reason: string | null): string | null {
  const [, code] = REJECTED.exec(reason ?? '') ?? []
  if (code !== undefined) return rejectionSentence(Number(code))
  switch (reason) {
    case 'temporary_ban':
      return 'WhatsApp has locked the number for some time.'
    case 'locked':
      return 'WhatsApp has locked the number, or it has moved to another phone.'
    case 'banned':
      return 'WhatsApp has banned the number.'
    case 'new_chats_locked':
      return 'New chats are locked.'
    default:
      return reason
  }
}

/** Whether WhatsApp accepts the account's messages; a working connection does not prove that. */
export function admissionFinding({ status, reason }: WireHealth['admission']): Finding {
  const unproven = 'when is not known'
  const sentence = reasonOf(reason)
  switch (status) {
    case 'open':
      return { tone: 'good', word: 'yes', proof: 'acknowledged', unproven, sentence }
    case 'limited':
      return { tone: 'wait', word: 'only to people who have written before', proof: 'said', unproven, sentence }
    case 'refused':
      return { tone: 'bad', word: 'no', proof: 'refused', unproven, sentence }
    case 'unknown':
      return { tone: 'plain', word: 'not known', proof: 'last asked', unproven: 'nothing sent yet', sentence }
  }
}
