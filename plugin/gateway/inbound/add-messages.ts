import type { WAMessage } from '@whiskeysockets/baileys'

import { forgetAtOf } from '../../contract/message.ts'
import { lifetimeOf, type ChatTimers } from '../tables/chat-timers.ts'
import type { Files } from '../tables/file-refs.ts'
import { authorJidOf, readMessage, type ReadMessage, type Reading } from '../messages/from-whatsapp.ts'
import type { Journal } from '../tables/journal.ts'
import type { Polls } from '../tables/polls.ts'
import type { Secrets } from '../tables/secrets.ts'
import type { Unopened } from '../tables/unopened.ts'

/** What entering messages needs. */
export type EntryPorts = {
  readonly journal: Pick<Journal, 'addMessage' | 'addUndecryptable'>
  readonly polls: Pick<Polls, 'note'>
  readonly files: Pick<Files, 'note'>
  readonly secrets: Pick<Secrets, 'note'>
  readonly unopened: Pick<Unopened, 'note' | 'about'>
  readonly timers: Pick<ChatTimers, 'of'>
}

/**
 * Enters a message that was read, stores what is needed to read later messages, and enters the messages that waited for this one.
 * Returns false if the message had come before. Runs inside the caller's transaction.
 */
export function enter(read: ReadMessage, { sent, reading }: Sent, ports: EntryPorts): boolean {
  const { said } = read
  const { journal, polls, files, secrets, unopened, timers } = ports
  const message = { ...read.message, expiresInSeconds: lifetimeOf(said, read.message, timers) }
  const isSealed = message.content.kind === 'sealed'
  const isNew = isSealed ? journal.addUndecryptable(message) : journal.addMessage(message)
  if (!isNew) return false
  if (!sent.message) return true
  const forgetAt = forgetAtOf(message)
  polls.note({ ...message, forgetAt }, sent.message)
  files.note(message, { message: said, key: sent.key })
  secrets.note({ ...message, jid: authorJidOf(sent), forgetAt }, sent.message)
  if (isSealed) unopened.note(message, sent)
  else for (const waited of unopened.about(message)) enterAgain({ sent: waited, reading }, ports)
  return true
}

/** The message as it came, and the context in which it is read. */
type Sent = { readonly sent: WAMessage; readonly reading: Reading }

function enterAgain({ sent, reading }: Sent, ports: EntryPorts): void {
  const read = readMessage(sent, reading)
  if (!read) return
  if (read.message.content.kind === 'sealed') ports.unopened.note(read.message, sent)
  else enter(read, { sent, reading }, ports)
}
