import type { WireTurn } from '../../contract/api/turns.ts'
import type { Tone } from './tone.ts'

/** The outcome of a message, in words for users. */
export type Words = { readonly tone: Tone; readonly word: string }

const OUTCOMES: Record<string, Words> = {
  matched: { tone: 'wait', word: 'an agent is working on it' },
  answered: { tone: 'good', word: 'answered' },
  no_reply: { tone: 'plain', word: 'no reply' },
  needs_operator: { tone: 'bad', word: 'needs a person' },
  dead_letter: { tone: 'bad', word: 'given up' },
  cancelled: { tone: 'plain', word: 'cancelled' },
  reset: { tone: 'plain', word: 'new conversation' },
  undecryptable: { tone: 'wait', word: 'not decrypted yet' },
  unmatched: { tone: 'wait', word: 'nobody answers' },
  ignored: { tone: 'plain', word: 'ignored' },
}

const TURNS: Record<WireTurn['status'], Words> = {
  queued: { tone: 'wait', word: 'queued' },
  running: { tone: 'wait', word: 'an agent is working on it' },
  awaiting_approval: { tone: 'wait', word: 'waits for approval' },
  answered: { tone: 'good', word: 'answered' },
  no_reply: { tone: 'plain', word: 'no reply' },
  needs_operator: { tone: 'bad', word: 'needs a person' },
  dead_letter: { tone: 'bad', word: 'given up' },
  cancelled: { tone: 'plain', word: 'taken back' },
}

const WAITS: Record<NonNullable<WireTurn['waits_for']>, Words> = {
  // The turn waits for earlier messages of its chat.
  backlog: { tone: 'wait', word: 'waits for older messages' },
  more: { tone: 'wait', word: 'waits for more of it' },
}

/** Whether a turn is not over. */
export const isOpen = ({ status }: Pick<WireTurn, 'status'>): boolean =>
  ['queued', 'running', 'awaiting_approval', 'needs_operator', 'dead_letter'].includes(status)

/** The state of a turn, in words. */
export const turnWords = ({ status, waits_for: waitsFor }: Pick<WireTurn, 'status' | 'waits_for'>): Words =>
  status === 'queued' && waitsFor !== null ? WAITS[waitsFor] : TURNS[status]

/** The outcome of an inbound message, or the state of its turn if it has one. */
export function outcomeWords(outcome: string, turn: WireTurn | undefined): Words {
  if (turn) return turnWords(turn)
  const [kind = '', reason] = outcome.split(': ')
  if (kind === 'undecryptable' && reason === 'expired') return { tone: 'bad', word: 'never decrypted' }
  if (kind === 'undecryptable' && reason !== undefined) return { tone: 'bad', word: 'sealed' }
  return OUTCOMES[kind] ?? { tone: 'plain', word: outcome }
}

/** Whether no binding matched it. */
export const isUnmatched = ({ outcome }: { readonly outcome: string }): boolean => outcome.startsWith('unmatched')

const UNASKED = 'Such messages trigger agents only if the setting also_answer lists them.'

const REASONS: Record<string, string> = {
  'unmatched: no_binding': 'No binding matches it.',
  'unmatched: identity_unknown':
    'A rule that names a person comes before any other match, and WhatsApp has not told yet whether the sender is that person. The message is matched again once it has.',
  'unmatched: link_unconfirmed':
    'Nobody with pairing rights had seen yet which number was linked. The message is matched again once somebody has.',
  'unmatched: rate_limited':
    'A binding matches it, but its sender, its group or the account had reached the limit of answers in that minute. Match it again to have it answered.',
  'unmatched: human_takeover':
    'A person had taken over the chat when it was written, or wrote there after it. It is not answered when the chat is handed back: match it again to have it answered.',
  'unmatched: album_late':
    'It belongs to an album that came more than 20 seconds before it: the agent ran without it. Match it again to have it answered separately.',
  'unmatched: edited_away': 'Its sender edited it before an agent ran, and no binding matches the new text.',
  'unmatched: rule_too_slow':
    'A binding matches it if it contains its pattern, and searching that takes too long, or did so for three senders within an hour. Later bindings are not tried. Shorten the pattern, then match it again.',
  'unmatched: loop_suspected':
    'A binding matches it, but this chat looks like a conversation with a machine. Nothing is answered there until a person ends that.',
  'ignored: own': 'It was written with the linked number itself.',
  'ignored: resume': 'The owner of the number handed a chat back to its agent.',
  'ignored: unsupported': 'The channel does not support this kind of message.',
  'ignored: edit': `It changes an earlier message. ${UNASKED}`,
  'ignored: reaction': `It is a reaction. ${UNASKED}`,
  'ignored: poll_vote': `It is a vote. ${UNASKED}`,
  'ignored: event_response': `It answers an event. ${UNASKED}`,
  'ignored: group_change': `It is a change of the group. ${UNASKED}`,
  'ignored: call': `It is a call. ${UNASKED}`,
  'ignored: business': `It is a business message, and part of the conversation. ${UNASKED}`,
  'ignored: view_once_on_phone':
    'It can be viewed once, on the phone only: linked devices do not get it. The conversation says that there was such a message.',
  'ignored: payment': 'It is a payment without text.',
  'ignored: album': 'It only announces the pictures of an album, which become one turn.',
  'ignored: revoke': 'It deletes an earlier message.',
  'ignored: revoked': 'Its sender deleted it before an agent ran.',
  'ignored: approval': 'It is the answer of somebody who was asked for an approval.',
  'ignored: forgotten':
    'The disappearing timer of its chat ran out before it was answered. It was deleted, here as on the phones.',
  'ignored: duplicate': 'It is a duplicate of another stored message.',
  reset: 'It started a new conversation; no agent ran.',
  undecryptable: 'It could not be decrypted yet. The sender’s phone was asked to send it again.',
  'undecryptable: secret_unknown':
    'It is encrypted with the secret of another message, which is not here or is older than 90 days. It is decrypted when that message arrives.',
  'undecryptable: not_opened': 'It is encrypted, and the secret of its message does not decrypt it.',
  'undecryptable: malformed': 'It is encrypted, and incomplete or not readable.',
  'undecryptable: expired': 'It could not be decrypted, and the sender’s phone did not send it again.',
}

/** Why no agent was asked about a message, in a sentence; null if one was. */
export const reasonSentence = (outcome: string): string | null => REASONS[outcome] ?? null
