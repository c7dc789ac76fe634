import type { WirePairing } from '../plugin/contract/api/pairing.ts'
import { createWhatsAppClient, type WhatsAppClient } from '../client/client.ts'
import { follow } from '../client/lists/follow.ts'
import type { ControlClient } from './whatsapp/client/control-client.ts'
import type { PhoneCharacter } from './whatsapp/client/phone-character.ts'

/** The time limit of each hop. */
export const HOP_LIMIT_MS = 60_000

/** A hop of the conversation that timed out or failed, with a sentence for a person. */
export class HopFailed extends Error {
  constructor(sentence: string) {
    super(sentence)
    this.name = 'HopFailed'
  }
}

/** A hop and its duration. */
export type Hop = { readonly name: string; readonly tookMs: number }

/** The texts of the conversation, and the duration of each hop. */
export type Conversation = {
  readonly said: string
  readonly heard: string
  readonly hops: readonly Hop[]
}

/** Where a conversation takes place: a host, and the network with the phones. */
export type Stage = {
  readonly url: string
  readonly token: string
  readonly control: ControlClient
  /** Called with the picture of the QR code before a phone scans it. */
  readonly onPicture: (dataUrl: string) => void
}

const SAID = 'Good morning! Is anybody there?'

async function within<Value>(hop: string, work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const overdue = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new HopFailed(`"${hop}" did not come within ${HOP_LIMIT_MS / 1000} s.`)),
      HOP_LIMIT_MS,
    )
  })
  try {
    return await Promise.race([work, overdue])
  } finally {
    clearTimeout(timer)
  }
}

/** Follows the pairing to its end. The final status query matters: showing the number there confirms the link. */
async function pairingEnd({ client }: WhatsAppClient, session: string): Promise<WirePairing> {
  await follow<WirePairing>(
    observer => client.whatsapp.qr.watch.subscribe({ session_id: session }, observer),
    AbortSignal.timeout(HOP_LIMIT_MS),
    ({ status }) => (status === 'pending' ? 'more' : 'enough'),
  )
  return client.whatsapp.qr.status.query({ session_id: session })
}

/** Makes the owner's phone scan the picture that the host shows. */
async function link(api: WhatsAppClient, { control, onPicture }: Stage, owner: PhoneCharacter): Promise<Hop> {
  await api.client.whatsapp.configure.mutate({ fields: { display_name: 'Agentcy Assistant' } })
  const { session_id: session, qr_data_url: picture } = await api.client.whatsapp.qr.start.mutate()
  if (picture === undefined) throw new HopFailed('WhatsApp wants a passkey before it shows a code.')
  onPicture(picture)
  await control.show(picture)
  const scannedAt = Date.now()
  const scan = await owner.scan(picture)
  if (!scan.linked) throw new HopFailed(`The phone refused the code: ${scan.why}.`)
  const end = await within('scan → linked', pairingEnd(api, session))
  if (end.status !== 'connected') throw new HopFailed(`The pairing ended as ${end.status}.`)
  await control.show(null)
  return { name: 'scan → linked', tookMs: Date.now() - scannedAt }
}

/** When the host received the message and when the agent's reply was ready, by the host's own times. */
async function momentsOf({ client }: WhatsAppClient, reply: string): Promise<{ tookInAt: number; repliedAt: number }> {
  const { messages } = await client.whatsapp.messages.list.query({ limit: 20 })
  const momentOf = (direction: 'inbound' | 'outbound', text: string): number => {
    const message = messages.find(each => each.direction === direction && each.text === text)
    if (!message) throw new HopFailed(`The host does not list the ${direction} message.`)
    return Date.parse(message.received_at)
  }
  return { tookInAt: momentOf('inbound', SAID), repliedAt: momentOf('outbound', reply) }
}

/** A contact writes to the linked number and waits for the agent's answer. */
async function talk(api: WhatsAppClient, contact: PhoneCharacter, owner: PhoneCharacter): Promise<Conversation> {
  const wroteAt = Date.now()
  await contact.says(SAID, { to: owner })
  const { text: heard } = await contact
    .hears(({ kind, own }) => kind === 'text' && !own, { from: owner, withinMs: HOP_LIMIT_MS })
    .catch(() => {
      throw new HopFailed(`"agent → ${contact.name}" did not come within ${HOP_LIMIT_MS / 1000} s.`)
    })
  const heardAt = Date.now()
  if (heard === null) throw new HopFailed('The reply holds no text.')
  const { tookInAt, repliedAt } = await momentsOf(api, heard)
  const hops = [
    { name: `${contact.name} → host`, tookMs: tookInAt - wroteAt },
    { name: 'host → agent', tookMs: repliedAt - tookInAt },
    { name: `agent → ${contact.name}`, tookMs: heardAt - repliedAt },
  ]
  return { said: SAID, heard, hops }
}

/**
 * Runs the main use case once: configures the channel, links a phone by the QR picture, binds an agent, and has a contact write and
 * get an answer.
 * @throws HopFailed if a hop takes longer than {@link HOP_LIMIT_MS}.
 */
export async function converse(stage: Stage): Promise<Conversation> {
  const api = createWhatsAppClient({ url: stage.url, token: stage.token })
  try {
    const owner = await stage.control.phone('owner', { pushName: 'Owner' })
    const alice = await stage.control.phone('alice', { pushName: 'Alice' })
    const linked = await link(api, stage, owner)
    await api.client.bindings.create.mutate({ agent: 'default', match_rule: { channel: 'whatsapp' } })
    const { hops, ...words } = await talk(api, alice, owner)
    return { ...words, hops: [linked, ...hops] }
  } finally {
    await api.close()
  }
}
