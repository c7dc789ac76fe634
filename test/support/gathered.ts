import type { MatchRule } from '../../plugin/contract/binding.ts'
import type { MessageContent } from '../../plugin/contract/content.ts'
import type { InboundMessage } from '../../plugin/contract/message.ts'
import type { Store } from '../../plugin/store/database.ts'
import { piecesOf } from '../../plugin/store/messages/message-batches.ts'
import { textOfStored, type StoredMessage } from '../../plugin/store/messages/messages.ts'
import { takeTurns } from './taken-turns.ts'
import { inboxOf } from './inbox.ts'
import { ACCOUNT, ALICE, linkedStore, textFrom } from './store.ts'
import { outcomes } from './turns.ts'

/** A whole second that is just over: messages are written so many ms after it. */
export const START = Math.floor(Date.now() / 1_000) * 1_000

/** When a message was written, as WhatsApp stamps it, and when it came. */
export const at = (ms: number): Pick<InboundMessage, 'sentAt' | 'receivedAt'> => ({
  sentAt: Math.floor((START + ms) / 1_000) * 1_000,
  receivedAt: START + ms,
})

/** A text of Alice so many ms after the start. */
export const said = (text: string, ms: number, more: Partial<InboundMessage> = {}): InboundMessage =>
  textFrom(ALICE, text, { ...at(ms), ...more })

/** A picture of hers, of an album when one is named. */
export function picture(
  caption: string,
  ms: number,
  { album = null, ...more }: Partial<InboundMessage> & { album?: string | null } = {},
): InboundMessage {
  const media = {
    kind: 'image',
    mime: 'image/jpeg',
    sizeBytes: 1,
    fileName: null,
    seconds: null,
    viewOnce: false,
    album,
  } as const
  return said('', ms, { content: { kind: 'media', media, caption }, file: `file-${caption}-${ms}`, ...more })
}

/** What announces an album of so many pictures under its stanza id. */
export const albumOf = (
  stanzaId: string,
  images: number,
  { ms, ...more }: Partial<InboundMessage> & { ms: number },
): InboundMessage => said('', ms, { stanzaId, content: { kind: 'album', images, videos: 0 }, ...more })

const nameOf = (message: StoredMessage): string => textOfStored(message) || (message.content as MessageContent).kind

/** What each turn that is not cancelled is about, in their order: the texts of its messages, and a word for those without one. */
export async function turnsIn(store: Store): Promise<string[]> {
  const turns = await store.connection
    .selectFrom('turns')
    .select('message_id')
    .where('status', '<>', 'cancelled')
    .orderBy('id')
    .execute()
  const about: string[] = []
  for (const { message_id: head } of turns) about.push((await piecesOf(store.connection, head)).map(nameOf).join(' + '))
  return about
}

/** An inbox with these rules, and what came of all that it received. It gathers nothing but albums until a test says so. */
export async function gatheringScene(...rules: MatchRule[]) {
  const opened = await linkedStore()
  const into = await inboxOf(opened.store, ...rules)
  const receive = async (...messages: InboundMessage[]): Promise<void> => {
    into.gateway.receive(...messages)
    await into.inbox.wake(ACCOUNT)
  }
  return {
    ...into,
    receive,
    store: opened.store,
    turns: () => turnsIn(opened.store),
    outcomes: () => outcomes(opened.store),
    begun: (now: number) => opened.store.transaction(trx => takeTurns(trx, 10, now)),
    [Symbol.asyncDispose]: async () => {
      await into.inbox.close()
      await opened[Symbol.asyncDispose]()
    },
  }
}
