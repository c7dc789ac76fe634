import type { WireTurn } from '../../contract/api/turns.ts'
import type { Tone } from '../parts/badge.tsx'

/** What became of a message, for a person. */
export type Words = { readonly tone: Tone; readonly word: string }

const OUTCOMES: Record<string, Words> = {
  matched: { tone: 'wait', word: 'an agent is at it' },
  answered: { tone: 'good', word: 'answered' },
  no_reply: { tone: 'plain', word: 'no reply' },
  needs_operator: { tone: 'bad', word: 'needs a person' },
  dead_letter: { tone: 'bad', word: 'given up' },
  cancelled: { tone: 'plain', word: 'cancelled' },
  reset: { tone: 'plain', word: 'begun anew' },
  undecryptable: { tone: 'wait', word: 'not readable yet' },
  unmatched: { tone: 'wait', word: 'nobody answers' },
  ignored: { tone: 'plain', word: 'not asked about' },
}

const TURNS: Record<WireTurn['status'], Words> = {
  queued: { tone: 'wait', word: 'waits for its turn' },
  running: { tone: 'wait', word: 'an agent is at it' },
  awaiting_approval: { tone: 'wait', word: 'waits for approval' },
  answered: { tone: 'good', word: 'answered' },
  no_reply: { tone: 'plain', word: 'no reply' },
  needs_operator: { tone: 'bad', word: 'needs a person' },
  dead_letter: { tone: 'bad', word: 'given up' },
  cancelled: { tone: 'plain', word: 'taken back' },
}

const WAITS: Record<NonNullable<WireTurn['waits_for']>, Words> = {
  // What its chat wrote meanwhile comes first.
  backlog: { tone: 'wait', word: 'waits for older messages' },
  more: { tone: 'wait', word: 'waits for more of it' },
}

/** Whether anything may still come of a turn. */
export const isOpen = ({ status }: Pick<WireTurn, 'status'>): boolean =>
  ['queued', 'running', 'awaiting_approval', 'needs_operator', 'dead_letter'].includes(status)

/** How far a turn has come. */
export const turnWords = ({ status, waits_for: waitsFor }: Pick<WireTurn, 'status' | 'waits_for'>): Words =>
  status === 'queued' && waitsFor !== null ? WAITS[waitsFor] : TURNS[status]

/** What became of a message that came in; of its turn, where there is one. */
export function outcomeWords(outcome: string, turn: WireTurn | undefined): Words {
  if (turn) return turnWords(turn)
  const [kind = '', reason] = outcome.split(': ')
  if (kind === 'undecryptable' && reason === 'expired') return { tone: 'bad', word: 'never became readable' }
  if (kind === 'undecryptable' && reason !== undefined) return { tone: 'bad', word: 'sealed' }
  return OUTCOMES[kind] ?? { tone: 'plain', word: outcome }
}

/** Whether no binding took it. */
export const isUnmatched = ({ outcome }: { readonly outcome: string }): boolean => outcome.startsWith('unmatched')

const UNASKED = 'Agents are not asked about those, unless the setting also_answer names them.'

const REASONS: Record<string, string> = {
  'unmatched: no_binding': 'No binding takes it: none of their rules fits.',
  'unmatched: identity_unknown':
    'A rule that names a person comes before any other that fits, and WhatsApp has not told yet whether the sender is that person. The bindings are asked again by themselves once it has.',
  'unmatched: link_unconfirmed':
    'Nobody who may link phones had seen yet which number was linked. The bindings are asked again by themselves once somebody has.',
  'unmatched: rate_limited':
    'A binding takes it, but its sender, its group or the account had had as many messages answered in that minute as the settings allow. Ask the bindings again to have it answered.',
  'unmatched: human_takeover':
    'A person had the chat when it was written, or wrote there after it. It is not answered by itself when they hand the chat back: ask the bindings again to have it answered.',
  'unmatched: album_late':
    'It is part of an album that came more than 20 seconds before it: its agent was asked without it. Ask the bindings again to have it answered by itself.',
  'unmatched: edited_away': 'Its sender edited it before an agent was asked, and no binding takes what it says now.',
  'unmatched: rule_too_slow':
    'A binding takes it if its pattern is in it, and that takes too long to be searched, or did so for three senders within an hour. No binding behind it is asked. Shorten the pattern, and ask the bindings again.',
  'unmatched: loop_suspected':
    'A binding takes it, but what comes to this chat looks like a machine that answers us. Nobody is answered there until a person lets it go on.',
  'ignored: own': 'It was written with the linked number itself.',
  'ignored: resume': 'The owner of the number handed a chat back to its agent.',
  'ignored: unsupported': 'It is of a kind that the channel does not carry.',
  'ignored: edit': `It changes an earlier message. ${UNASKED}`,
  'ignored: reaction': `It is a reaction. ${UNASKED}`,
  'ignored: poll_vote': `It is a vote. ${UNASKED}`,
  'ignored: event_response': `It answers an event. ${UNASKED}`,
  'ignored: group_change': `It tells of a change of the group. ${UNASKED}`,
  'ignored: call': `It is a call. ${UNASKED}`,
  'ignored: business': `A company’s machine wrote it: it stands in the conversation. ${UNASKED}`,
  'ignored: view_once_on_phone':
    'It is shown once, and by the phone only: linked devices are not given it. That there was something stands in the conversation.',
  'ignored: payment': 'It is about money, and says nothing beside that.',
  'ignored: album': 'It only announces pictures, which are one question when they come.',
  'ignored: revoke': 'It takes an earlier message back.',
  'ignored: revoked': 'Its sender took it back before an agent was asked.',
  'ignored: approval': 'It is the answer of somebody who was asked for an approval.',
  'ignored: forgotten':
    'The disappearing timer of its chat ran out before anybody had answered it. What it said is forgotten, here as on the phones.',
  'ignored: duplicate': 'It is the same as another message that is kept.',
  reset: 'It began the conversation anew; no agent was asked.',
  undecryptable: 'It could not be decrypted yet. The sender’s phone was asked for it again.',
  'undecryptable: secret_unknown':
    'It is sealed with the secret of another message, which did not come here or is older than 90 days. It is read when that message comes.',
  'undecryptable: not_opened': 'It is sealed, and the secret of the message that it is about does not open it.',
  'undecryptable: malformed': 'It is sealed, and a part is missing or nothing in it can be read.',
  'undecryptable: expired': 'It could not be decrypted, and the sender’s phone did not send it again.',
}

/** Why no agent was asked about a message, in a sentence; null when one was. */
export const reasonSentence = (outcome: string): string | null => REASONS[outcome] ?? null
