import { proto } from '@whiskeysockets/baileys'

import { DAY_MS } from '../../base/durations.ts'
import { samePerson, type Chat, type Person } from '../../contract/ids.ts'
import type { InboundMessage } from '../../contract/message.ts'
import type { Disappearing } from './secrets.ts'
import { contentOf } from '../kinds/content.ts'
import { pollPartOf } from '../kinds/message-types.ts'
import { sameChat } from '../kinds/jid.ts'
import type { AccountDatabase } from './journal.ts'
import { choiceOf, type EncryptedVote } from '../kinds/poll-vote.ts'
import { unwrapped } from '../kinds/unwrap.ts'

/** The polls that an account has seen: without them no vote can be read. */
export type Polls = {
  /** Stores a message if it is a poll. An edit of a poll adds its options to that poll. Runs inside the caller's transaction. */
  readonly note: (
    message: Pick<InboundMessage, 'chat' | 'sender' | 'stanzaId' | 'content'> &
      Partial<Pick<InboundMessage, 'edits'>> &
      Disappearing,
    said: proto.IMessage,
  ) => void
  /** The same for a message of ours, before it is written. */
  readonly noteOwn: (sent: SentMessage, self: Person) => void
  /** The options that a vote chose; null if its poll is not known, or the vote was not made for it. */
  readonly choice: (vote: EncryptedVote) => readonly string[] | null
  /** Deletes the polls that are too old to be voted in. */
  readonly prune: () => void
}

export const POLL_SCHEMA = `
  CREATE TABLE polls (stanza_id TEXT NOT NULL, creator TEXT NOT NULL, chat TEXT NOT NULL, secret BLOB NOT NULL,
    options TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (stanza_id, creator, chat)) WITHOUT ROWID;`

const KEPT_MS = 180 * DAY_MS
const SECRET_BYTES = 32

type Row = { readonly creator: string; readonly chat: string; readonly secret: Uint8Array; readonly options: string }

export type PollPorts = {
  readonly now: () => number
  /** Adds a person's other address if it is known. */
  readonly complete: (person: Person) => Person
}

type SentMessage = Disappearing & { readonly chat: Chat; readonly stanzaId: string; readonly bytes: Uint8Array }

export function openPolls(database: AccountDatabase, { now, complete }: PollPorts): Polls {
  const put = database.prepare(
    'INSERT OR IGNORE INTO polls (stanza_id, creator, chat, secret, options, at, forget_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const find = database.prepare<[string], Row>('SELECT creator, chat, secret, options FROM polls WHERE stanza_id = ?')
  const isOf = ({ chat, creator }: Row, message: Pick<InboundMessage, 'chat' | 'sender'>): boolean =>
    sameChat(JSON.parse(chat) as Chat, message.chat, complete) &&
    samePerson(complete(JSON.parse(creator) as Person), complete(message.sender))
  const change = database.prepare('UPDATE polls SET options = ? WHERE stanza_id = ? AND creator = ? AND chat = ?')
  const edit = (target: string, message: Pick<InboundMessage, 'chat' | 'sender'>, options: readonly string[]): void => {
    for (const row of find.all(target).filter(each => isOf(each, message))) {
      const all = [...new Set([...options, ...(JSON.parse(row.options) as string[])])]
      change.run(JSON.stringify(all), target, row.creator, row.chat)
    }
  }
  const note: Polls['note'] = ({ chat, sender, stanzaId, content, edits = null, forgetAt = null }, said) => {
    if (content.kind === 'poll' && edits !== null) return edit(edits, { chat, sender }, content.options)
    const secret = unwrapped(said)?.message.messageContextInfo?.messageSecret
    if (content.kind !== 'poll' || secret?.length !== SECRET_BYTES) return
    const row = [JSON.stringify(sender), JSON.stringify(chat), Buffer.from(secret), JSON.stringify(content.options)]
    put.run(stanzaId, ...row, now(), forgetAt)
  }
  return {
    note,
    noteOwn: ({ bytes, ...sent }, self) => {
      const said = proto.Message.decode(bytes)
      const content = pollPartOf(said) && contentOf({ message: said, viewOnce: false })
      if (content) note({ ...sent, sender: self, content }, said)
    },
    choice: vote => {
      for (const { creator, chat, secret, options } of find.all(vote.target)) {
        if (!sameChat(JSON.parse(chat) as Chat, vote.chat, complete)) continue
        const poll = {
          creator: complete(JSON.parse(creator) as Person),
          secret,
          options: JSON.parse(options) as string[],
        }
        const choice = choiceOf({ ...vote, voter: complete(vote.voter) }, poll)
        if (choice) return choice
      }
      return null
    },
    prune: () => void database.prepare('DELETE FROM polls WHERE at < ?').run(now() - KEPT_MS),
  }
}
