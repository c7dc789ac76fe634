import { jidNormalizedUser, proto } from '@whiskeysockets/baileys'

import { DAY_MS } from '../../base/durations.ts'
import type { SealedReason } from '../../contract/content.ts'
import type { Chat, Person } from '../../contract/ids.ts'
import type { InboundMessage } from '../../contract/message.ts'
import { jidOfPerson, personOfJid, sameChat } from '../kinds/jid.ts'
import type { AccountDatabase } from './journal.ts'
import { openSeal } from '../kinds/seal.ts'
import type { SealedChange } from '../kinds/sealed-change.ts'
import { unwrapped } from '../kinds/unwrap.ts'

/** Who sealed something, and in which chat, with the JID from the stanza. */
export type Modifier = Pick<InboundMessage, 'chat' | 'sender'> & { readonly jid: string | null }

/** When the stored data of a message is to be forgotten, in ms UTC; null or missing: when nobody can ask for it any more. */
export type Disappearing = { readonly forgetAt?: number | null }

/** The secrets of an account's messages. What others seal about a message can be read only with its secret. */
export type Secrets = {
  /** Stores the secret of a message that has one. Runs inside the caller's transaction. */
  readonly note: (message: Pick<InboundMessage, 'stanzaId'> & Modifier & Disappearing, said: proto.IMessage) => void
  /** The same for a message of ours, before it is written. */
  readonly noteOwn: (sent: SentMessage, self: Person) => void
  /** The content of a sealed change, or why it cannot be read. */
  readonly open: (change: SealedChange, modifier: Modifier) => Uint8Array | SealedReason
  readonly prune: () => void
}

export const SECRET_SCHEMA = `
  CREATE TABLE secrets (stanza_id TEXT NOT NULL, author TEXT NOT NULL, chat TEXT NOT NULL, jid TEXT, secret BLOB NOT NULL,
    at INTEGER NOT NULL, PRIMARY KEY (stanza_id, author, chat)) WITHOUT ROWID;
  CREATE INDEX secrets_by_age ON secrets (at);`

const KEPT_MS = 90 * DAY_MS
/** If there are more than these, the oldest are forgotten sooner: some 300 MB. */
const KEPT_MOST = 1_000_000
const SECRET_BYTES = 32
/** Tries at most this many secrets: so many people of one chat can have used the same message id, and the attempts stay short. */
const TRIED_MOST = 50

type Row = {
  readonly author: string
  readonly chat: string
  readonly jid: string | null
  readonly secret: Uint8Array
}
type SentMessage = Disappearing & { readonly chat: Chat; readonly stanzaId: string; readonly bytes: Uint8Array }

/** What storing the secrets needs. */
export type SecretPorts = {
  readonly now: () => number
  /** Adds a person's other address if it is known. */
  readonly complete: (person: Person) => Person
}

export function openSecrets(database: AccountDatabase, { now, complete }: SecretPorts): Secrets {
  const put = database.prepare(
    'INSERT OR IGNORE INTO secrets (stanza_id, author, chat, jid, secret, at, forget_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const find = database.prepare<[string, number], Row>(
    'SELECT author, chat, jid, secret FROM secrets WHERE stanza_id = ? LIMIT ? + 0',
  )
  const note: Secrets['note'] = ({ stanzaId, chat, sender, jid, forgetAt = null }, said) => {
    const secret = secretOf(said)
    if (!secret) return
    put.run(stanzaId, JSON.stringify(sender), JSON.stringify(chat), jid, Buffer.from(secret), now(), forgetAt)
  }
  return {
    note,
    noteOwn: ({ bytes, ...sent }, self) => note({ ...sent, sender: self, jid: null }, proto.Message.decode(bytes)),
    open: ({ sealed, key }, { chat, sender, jid }) => {
      if (!sealed) return 'malformed'
      const modifiers = jidsOf(complete(sender), jid)
      const rows = find.all(sealed.target, TRIED_MOST)
      const known = rows.filter(row => sameChat(JSON.parse(row.chat) as Chat, chat, complete))
      for (const { author, jid: written, secret } of known) {
        const authors = jidsOf(complete(JSON.parse(author) as Person), written, key?.participant ?? key?.remoteJid)
        const plain = openSeal(sealed, { secret, authors, modifiers })
        if (plain) return plain
      }
      return known.length > 0 ? 'not_opened' : 'secret_unknown'
    },
    prune: () => {
      database.prepare('DELETE FROM secrets WHERE at < ?').run(now() - KEPT_MS)
      database
        .prepare('DELETE FROM secrets WHERE at < (SELECT at FROM secrets ORDER BY at DESC LIMIT 1 OFFSET ?)')
        .run(KEPT_MOST)
    },
  }
}

function secretOf(said: proto.IMessage): Uint8Array | null {
  const secret = unwrapped(said)?.message.messageContextInfo?.messageSecret ?? said.messageContextInfo?.messageSecret
  return secret?.length === SECRET_BYTES ? secret : null
}

/** The JIDs that may stand for a person in a seal: the written ones, and either of the person's addresses. */
function jidsOf({ lid, phone }: Person, ...written: readonly (string | null | undefined)[]): string[] {
  const named = written.filter(jid => jid && personOfJid(jid)).map(jid => jidNormalizedUser(jid ?? ''))
  const known = [lid && { lid, phone: null }, phone && { lid: null, phone }]
  return [...new Set([...named, ...known.flatMap(address => (address ? [jidOfPerson(address)] : []))])]
}
