import type { JournalEntry } from '../../plugin/contract/gateway-protocol.ts'
import type { InboundMessage } from '../../plugin/contract/message.ts'
import type { RunningGateway } from './gateway.ts'

export const isText = (text: string) => (message: InboundMessage) =>
  message.content.kind === 'text' && message.content.text === text

/** The first message of the journal that fits, when it is there. */
export const messageIn = (gateway: RunningGateway, fits: (message: InboundMessage) => boolean) =>
  gateway.entry(entry => entry.kind === 'message' && fits(entry.message) && entry.message)

export async function entriesOf({ supervisor, account }: RunningGateway): Promise<JournalEntry[]> {
  return (await supervisor.call('journal.pull', { ...account, after: 0, limit: 10_000 })).entries
}

export const textsIn = (entries: readonly JournalEntry[]) =>
  entries.flatMap(entry =>
    entry.kind === 'message' && entry.message.content.kind === 'text' ? [entry.message.content.text] : [],
  )
