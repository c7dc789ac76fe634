import type { LookupOutcome } from '../../plugin/contract/contact.ts'
import type { OutboundContent, TransmitOutcome } from '../../plugin/contract/delivery.ts'
import { ChannelError } from '../../plugin/contract/errors/errors.ts'
import type { CommandName, Gateway, GatewayCommands, JournalEntry } from '../../plugin/contract/gateway-protocol.ts'
import type { Group } from '../../plugin/contract/group.ts'
import type { Phone } from '../../plugin/contract/ids.ts'
import type { InboundMessage } from '../../plugin/contract/message.ts'

export type Transmission = GatewayCommands['message.transmit']['input']

type Content<Entry> = Entry extends JournalEntry ? Omit<Entry, 'seq'> : never

/** What the stages ask of a gateway, kept in memory: a journal, and a network that answers as it is told. */
export class StandInGateway implements Gateway {
  readonly journal: JournalEntry[] = []
  readonly transmissions: Transmission[] = []
  confirmedThrough = 0
  rendered = 0
  /** The disappearing timer of every chat, in seconds. */
  timer: number | null = null
  /** Up to when it was told to forget what has disappeared, in order. */
  readonly forgotten: number[] = []
  /** When the next of what it keeps disappears, as it answers then. */
  forgetsNextAt: number | null = null
  /** How each transmission ends; by default WhatsApp acknowledges it. */
  answer: (transmission: Transmission) => Promise<TransmitOutcome> | TransmitOutcome = () => ({ outcome: 'sent' })
  /** What WhatsApp says of a number; by itself, that it is as it is written. */
  lookUp: (number: Phone) => Promise<LookupOutcome> | LookupOutcome = number => ({
    outcome: 'found',
    person: { lid: null, phone: number },
  })
  /** The numbers that were asked for, in order. */
  readonly lookups: Phone[] = []
  /** Thrown by every command while it is set. */
  down: ChannelError | null = null
  #seq = 0

  append(content: Content<JournalEntry>): number {
    this.#seq += 1
    this.journal.push({ ...content, seq: this.#seq })
    return this.#seq
  }

  receive(...messages: InboundMessage[]): void {
    for (const message of messages) this.append({ kind: 'message', message })
  }

  /** The account's file was made anew. */
  beginAnew(): void {
    this.journal.length = 0
    this.#seq = 0
  }

  /** The texts that were transmitted, in order. */
  get texts(): string[] {
    return this.transmissions.map(({ bytes }) => {
      const content = JSON.parse(Buffer.from(bytes).toString()) as { content: OutboundContent }
      const { content: said } = content
      return said.kind === 'reaction' ? said.emoji : 'text' in said ? said.text : said.kind
    })
  }

  async call<Name extends CommandName>(
    name: Name,
    input: GatewayCommands[Name]['input'],
  ): Promise<GatewayCommands[Name]['output']> {
    if (this.down) throw this.down
    const answers = this.#answers[name] as ((input: unknown) => unknown) | undefined
    if (!answers) throw new ChannelError('internal', `the stand-in does not answer ${name}`)
    return (await answers(input)) as GatewayCommands[Name]['output']
  }

  /** Who is in the groups that it knows of. */
  readonly groups: Group[] = []

  readonly #answers: { [Name in CommandName]?: (input: GatewayCommands[Name]['input']) => unknown } = {
    'journal.pull': ({ after, limit }) => ({ entries: this.journal.filter(({ seq }) => seq > after).slice(0, limit) }),
    'journal.confirm': ({ through }) => {
      this.confirmedThrough = through
      return null
    },
    'message.render': ({ content }) => {
      this.rendered += 1
      const bytes = Buffer.from(JSON.stringify({ content, rendering: this.rendered }))
      return { bytes, remark: null, expiresInSeconds: this.timer }
    },
    'account.forget': ({ at }) => {
      this.forgotten.push(at)
      return { nextAt: this.forgetsNextAt }
    },
    'groups.get': ({ group: id }) => {
      const group = this.groups.find(each => each.id === id)
      if (!group) throw new ChannelError('gateway_unreachable')
      return { group }
    },
    'contact.lookup': ({ number }) => {
      this.lookups.push(number)
      return this.lookUp(number)
    },
    'message.transmit': input => {
      this.transmissions.push(input)
      return this.answer(input)
    },
  }
}
