import type { Remark } from '../contract/delivery.ts'
import { ChannelError } from '../contract/errors/errors.ts'
import type { Gateway } from '../contract/gateway-protocol.ts'
import type { Artifacts } from '../contract/host.ts'
import { FairSlotQueue } from '../base/fair-slots.ts'
import type { Spool } from './spool.ts'
import type { StoredSend } from '../store/sends/sends.ts'
import type { TransferProgressFeed } from './transfer-progress.ts'

/** What rendering needs. */
export type RenderingParts = {
  readonly gateway: Gateway
  readonly artifacts: Artifacts
  readonly spool: Spool
  readonly transfers: TransferProgressFeed
}

/** A rendered send, the same for each of its transmissions. */
export type Rendered = {
  readonly bytes: Uint8Array
  readonly remark: Remark | null
  /** After how many seconds the message disappears from its chat; null or missing if it stays. */
  readonly expiresInSeconds?: number | null
}

/** Each file is on the disk three times for a while. An org alone may render four at a time. */
const PLACES = { shared: 2, own: 2 } as const

/** The part of a send that is rendered. */
type Unrendered = Pick<StoredSend, 'org' | 'account' | 'chat' | 'chatKey' | 'content' | 'id' | 'messageId'>

/** Has the gateway render sends, with their files. */
export class SendRenderer {
  readonly #parts: RenderingParts
  readonly #inLine = new FairSlotQueue(PLACES)

  constructor(parts: RenderingParts) {
    this.#parts = parts
  }

  /** @throws ChannelError `not_found` if the host does not have the file, `wrong_media`; other errors are temporary. */
  async of(send: Unrendered): Promise<Rendered> {
    if (send.content.kind === 'media') return this.#inLine.work(send, () => this.#withFile(send))
    const { org, account, content, chat } = send
    return this.#parts.gateway.call('message.render', { org, account, content, chat, file: null })
  }

  async #withFile(send: Unrendered): Promise<Rendered> {
    const { org, account, content, chat, id, messageId } = send
    if (content.kind !== 'media') throw new ChannelError('internal')
    const { artifacts, spool, gateway, transfers } = this.#parts
    const { artifact, sizeBytes, sha256 } = content.file
    const stream = await artifacts.open(org, artifact, null)
    if (!stream) throw new ChannelError('not_found')
    await using held = await spool.hold(stream, sizeBytes)
    // These are not the accepted bytes. The host may return the right ones later.
    if (held.sha256 !== sha256) throw new ChannelError('internal')
    using _transfer = transfers.begin(id, { org, account, messageId, direction: 'outbound' })
    const file = { path: held.path, name: id }
    return await gateway.call('message.render', { org, account, content, chat, file })
  }
}
