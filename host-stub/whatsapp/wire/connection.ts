import { decodeBinaryNode, encodeBinaryNode } from '@whiskeysockets/baileys'
import type { WebSocket } from 'ws'
import { frame, FrameReader } from './frames.ts'
import { NoiseResponder, type Greeting, type Transport } from './noise.ts'
import type { KeyPair } from '../crypto/keys.ts'
import type { Stanza } from './stanza.ts'

export type Closing = 'clean' | 'dropped' | 'by_network'

export interface ConnectionEvents {
  greeted(greeting: Greeting): void | Promise<void>
  received(stanza: Stanza): void | Promise<void>
  closed(closing: Closing): void
  /** The client broke the protocol; the connection is cut after this. */
  broke(why: string): void
}

export interface ConnectionKeys {
  staticKey: KeyPair
  certificate: Uint8Array
  /** The routing in the URL of the client (`?ED=`, base64url). */
  routing: Buffer | null
}

const cleanCodes = new Set([1000, 1005])

/** One WebSocket of a client: framing, Noise and the node codec. Stanzas are passed on one after the other. */
export class Connection {
  readonly #socket: WebSocket
  readonly #keys: ConnectionKeys
  readonly #events: ConnectionEvents
  readonly #reader = new FrameReader()
  #noise: NoiseResponder | undefined
  #transport: Transport | undefined
  #tail: Promise<void> = Promise.resolve()
  readonly #closed: Promise<void>
  #silent = false
  #endedByNetwork = false

  constructor(socket: WebSocket, keys: ConnectionKeys, events: ConnectionEvents) {
    this.#socket = socket
    this.#keys = keys
    this.#events = events
    socket.on('message', chunk => this.#queue(chunk as Buffer))
    socket.on('error', () => socket.terminate())
    socket.on('close', code => {
      if (this.#endedByNetwork) events.closed('by_network')
      else events.closed(cleanCodes.has(code) ? 'clean' : 'dropped')
    })
    this.#closed = new Promise(resolve => socket.once('close', () => resolve()))
  }

  /** The routing that the client sends before its first frame. */
  get routing(): Buffer | undefined {
    return this.#reader.routing
  }

  /** The routing in the client's URL. */
  get routingInAddress(): Buffer | null {
    return this.#keys.routing
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN
  }

  send(stanza: Stanza): void {
    this.write(encodeBinaryNode(stanza))
  }

  /** Sends any bytes in place of an encoded stanza. */
  write(payload: Uint8Array): void {
    if (!this.#transport || this.#silent || this.#socket.readyState !== this.#socket.OPEN) return
    this.#socket.send(frame(this.#transport.seal(payload)))
  }

  /** Ends the connection as a server does: sends the last stanza, then closes. */
  end(last?: Stanza): void {
    if (last) this.send(last)
    this.#endedByNetwork = true
    this.#socket.close()
  }

  /** Cuts the connection without a stanza. */
  drop(): void {
    this.#endedByNetwork = true
    this.#socket.terminate()
  }

  /** The same; resolves when nothing that arrived over the connection is being processed any more. */
  async abandon(): Promise<void> {
    this.fallSilent()
    this.drop()
    await this.#closed
    await this.#tail
  }

  /** Keeps the connection open, but neither reads nor writes any more. */
  fallSilent(): void {
    this.#silent = true
  }

  #queue(chunk: Buffer): void {
    this.#tail = this.#tail
      .then(async () => {
        if (this.#silent) return
        for (const payload of this.#reader.read(chunk)) await this.#take(payload)
      })
      .catch((error: unknown) => {
        this.#events.broke(error instanceof Error ? error.message : 'unreadable')
        this.drop()
      })
  }

  async #take(payload: Buffer): Promise<void> {
    if (this.#transport) {
      await this.#events.received(await decodeBinaryNode(this.#transport.open(payload)))
    } else if (this.#noise) {
      const greeting = this.#noise.finish(payload)
      this.#transport = greeting.transport
      await this.#events.greeted(greeting)
    } else {
      this.#noise = new NoiseResponder(FrameReader.header, this.#keys.staticKey)
      this.#socket.send(frame(this.#noise.answer(payload, this.#keys.certificate)))
    }
  }
}
