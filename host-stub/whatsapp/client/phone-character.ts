import { pollUntil, type ControlCall } from './control-call.ts'
import type { PhoneCard, RequestOf } from '../contract/control-contract.ts'
import type { PieceForm } from '../contract/file-contract.ts'
import type { FileKind } from '../media/file-message.ts'
import type { PairingOutcome } from '../world/registration.ts'
import type { SealedKind } from '../contract/sealed-contract.ts'
import type { Heard } from '../world/ledger.ts'

export interface GroupCharacter {
  /** `<digits>@g.us` */
  id: string
  subject: string
}

/** What a message says about other people and messages. */
export interface Remarks {
  mentions?: PhoneCharacter[]
  /** The id of the quoted message. */
  quotes?: string
  /** Which part of it is quoted; all of it by default. */
  quoteBody?: RequestOf<'phones/say'>['quote_body']
  /** The message claims that it was forwarded this often. */
  forwarded?: number
  mentionsAll?: 'mark' | 'group'
}

export interface Saying extends Remarks {
  to: PhoneCharacter | GroupCharacter
  /** Whether the sender appears by LID or by phone number; in a group the group's mode by default. */
  addressedBy?: 'lid' | 'pn'
  /** Whether the stanza also contains the sender's other address; true by default. */
  revealAlternate?: boolean
  id?: string
  /** How many of the next transmissions cannot be decrypted. */
  garbled?: number
  /** The devices get it without a ciphertext, for this reason; empty: without a reason. */
  unavailable?: string
  /** Whether the message has a secret with which others can seal edits, reactions and comments. */
  withSecret?: boolean
  /** Sent to the broadcast list with this number, which contains the recipient. */
  broadcastList?: string
}

export interface SealedSaying {
  /** The id of the message that it refers to. */
  about: string
  /** The protobuf to seal. */
  plain: Uint8Array
  addressedBy?: 'lid' | 'pn'
  /** Which address of the author of the message, and of the one who seals, is used in the seal. */
  authorBy?: 'lid' | 'pn'
  modifierBy?: 'lid' | 'pn'
  /** Used instead of the message's own secret. */
  secret?: Uint8Array
}

export type FileSent = {
  kind: FileKind
  mime: string
  caption?: string
  fileName?: string
  /** The id of the album that it belongs to, and how it says so; in a wrapper by default. */
  album?: string
  pieceForm?: PieceForm
  /** An encoded protobuf `Message` whose fields replace the true ones. */
  lies?: Uint8Array
} & ({ bytes: Uint8Array } | { sizeBytes: number; seed: string })

export interface FileOnItsWay {
  id: string
  /** The path on the media host. */
  path: string
  sha256: string
  /** The whole message, base64. */
  content: string
}

export interface Hearing {
  from?: PhoneCharacter
  withinMs?: number
}

type RemarkRequest = Pick<RequestOf<'phones/say'>, 'mentions' | 'quotes' | 'quote_body' | 'forwarded' | 'mentions_all'>

function remarked({ mentions = [], quotes, quoteBody, forwarded, mentionsAll }: Remarks): RemarkRequest {
  return {
    mentions: mentions.map(({ name }) => name),
    ...(quotes !== undefined && { quotes }),
    ...(quoteBody !== undefined && { quote_body: quoteBody }),
    ...(forwarded !== undefined && { forwarded }),
    ...(mentionsAll && { mentions_all: mentionsAll }),
  }
}

const usualPatienceMs = 10_000

/** A person with a phone, for the tests and the demo. */
export class PhoneCharacter {
  readonly name: string
  /** E.164 */
  readonly phone: string
  /** Digits only. */
  readonly lid: string
  readonly #call: ControlCall
  /** Received, but not yet returned by `hears`. */
  #untold: Heard[] = []
  #lastFetched = 0

  constructor(call: ControlCall, card: PhoneCard) {
    this.#call = call
    this.name = card.name
    this.phone = card.phone
    this.lid = card.lid
  }

  /** Scans a QR code, given as its text or as a picture in a data URL. */
  async scan(qr: string): Promise<PairingOutcome> {
    return this.#call('phones/scan', { name: this.name, qr })
  }

  /** Types the code of a device that asks to be linked to this phone's number. */
  async entersCode(code: string): Promise<PairingOutcome> {
    return this.#call('phones/enter_code', { name: this.name, code })
  }

  /** Gives the account a passkey: its credential id and its public key (SPKI, DER), both base64url. */
  async ownsPasskey({ credentialId, publicKey }: { credentialId: string; publicKey: string }): Promise<void> {
    await this.#call('phones/own_passkey', { name: this.name, credential_id: credentialId, public_key: publicKey })
  }

  /** Sends a text and returns the id of the message. */
  async says(text: string, saying: Saying): Promise<string> {
    return this.#say({ text }, saying)
  }

  /** Sends any message, given as an encoded protobuf `Message`. */
  async sends(content: Uint8Array, saying: Saying): Promise<string> {
    return this.#say({ content: Buffer.from(content).toString('base64') }, saying)
  }

  /** Sends a file: the given bytes, or `sizeBytes` generated ones. */
  async sendsFile(
    file: FileSent,
    { to, addressedBy, ...remarks }: Pick<Saying, 'to' | 'addressedBy'> & Remarks,
  ): Promise<FileOnItsWay> {
    return this.#call('phones/send_file', {
      name: this.name,
      to: to instanceof PhoneCharacter ? { phone: to.name } : { group: to.id },
      kind: file.kind,
      mime: file.mime,
      ...('bytes' in file ? { data: Buffer.from(file.bytes).toString('base64') } : {}),
      ...('sizeBytes' in file ? { size_bytes: file.sizeBytes, seed: file.seed } : {}),
      ...(file.caption !== undefined && { caption: file.caption }),
      ...(file.fileName !== undefined && { file_name: file.fileName }),
      ...(file.album !== undefined && { album: file.album }),
      ...(file.pieceForm && { piece_form: file.pieceForm }),
      ...(file.lies && { lies: Buffer.from(file.lies).toString('base64') }),
      ...(addressedBy && { addressed_by: addressedBy }),
      ...remarked(remarks),
    })
  }

  /** Announces an album of this many files, which are sent before or after. Returns the id by which they refer to it. */
  async announcesAlbum(
    { images = 0, videos = 0, id }: { images?: number; videos?: number; id?: string },
    { to, addressedBy, ...remarks }: Pick<Saying, 'to' | 'addressedBy'> & Remarks,
  ): Promise<string> {
    const announced = await this.#call('phones/announce_album', {
      name: this.name,
      to: to instanceof PhoneCharacter ? { phone: to.name } : { group: to.id },
      images,
      videos,
      ...(id !== undefined && { id }),
      ...(addressedBy && { addressed_by: addressedBy }),
      ...remarked(remarks),
    })
    return announced.id
  }

  /** Downloads, decrypts and verifies a file that it received; `head` is the beginning of the file. */
  async opensFile(message: string): Promise<{ sha256: string; sizeBytes: number; head: Buffer }> {
    const { sha256, size_bytes, head } = await this.#call('phones/file', { name: this.name, message })
    return { sha256, sizeBytes: size_bytes, head: Buffer.from(head, 'base64') }
  }

  /** Edits, comments on or reacts to a message, encrypted so that only those can read it who have that message. */
  async seals(
    kind: SealedKind,
    { about, plain, addressedBy, authorBy, modifierBy, secret }: SealedSaying,
  ): Promise<string> {
    const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
    const { id } = await this.#call('phones/seal', {
      name: this.name,
      kind,
      about,
      plain: base64(plain),
      ...(addressedBy && { addressed_by: addressedBy }),
      ...(authorBy && { author_by: authorBy }),
      ...(modifierBy && { modifier_by: modifierBy }),
      ...(secret && { secret: base64(secret) }),
    })
    return id
  }

  /** The owner of a linked account writes on the phone itself. */
  async types(text: string, saying: Saying): Promise<string> {
    return this.says(text, saying)
  }

  /** Sets how long new messages in a chat are kept; 0: forever. */
  async setsTimer(seconds: number, to: PhoneCharacter | GroupCharacter): Promise<void> {
    const target = to instanceof PhoneCharacter ? { phone: to.name } : { group: to.id }
    await this.#call('phones/set_timer', { name: this.name, to: target, seconds })
  }

  async reacts(emoji: string, to: { message: string; addressedBy?: 'lid' | 'pn' }): Promise<string> {
    const addressing = to.addressedBy && { addressed_by: to.addressedBy }
    const { id } = await this.#call('phones/react', { name: this.name, to_message: to.message, emoji, ...addressing })
    return id
  }

  /** Calls and hangs up unanswered; returns the id of the call. */
  async calls(to: PhoneCharacter, { video = false }: { video?: boolean } = {}): Promise<string> {
    return (await this.#call('phones/call', { name: this.name, to: to.name, video })).id
  }

  /** Opens the chat, so that the sender gets a read receipt. */
  async reads(message: string): Promise<void> {
    await this.#call('phones/read', { name: this.name, message })
  }

  async goesOffline(): Promise<void> {
    await this.#call('phones/online', { name: this.name, online: false })
  }

  async comesOnline(): Promise<void> {
    await this.#call('phones/online', { name: this.name, online: true })
  }

  /** The numbers of its linked devices, from its settings. */
  async devices(): Promise<number[]> {
    return (await this.#call('phones/meet', { name: this.name })).devices
  }

  /** Unlinks a device, or all devices, in the phone's settings. */
  async removesDevice(device?: number): Promise<void> {
    await this.#call('phones/remove_device', { name: this.name, ...(device === undefined ? {} : { device }) })
  }

  /** Loses its sessions, as after a restored backup: the next messages in an old session cannot be decrypted. */
  async forgetsSessions(): Promise<void> {
    await this.#call('phones/forget_sessions', { name: this.name })
  }

  /** Reinstalls the app: a new identity and no linked devices. */
  async reinstalls(): Promise<void> {
    await this.#call('phones/reinstall', { name: this.name })
  }

  /** Adds a device that WhatsApp itself hosts, as companies have. */
  async hostsDevice(): Promise<void> {
    await this.#call('phones/host', { name: this.name })
  }

  /** The texts that the device at WhatsApp has received. */
  async hostedHeard(): Promise<string[]> {
    return (await this.#call('ledger/heard', { name: `${this.name}:99` })).heard.map(({ text }) => text)
  }

  /** Tries to read an intercepted group message with the keys on this phone; null if it cannot. */
  async pries(message: string): Promise<string | null> {
    return (await this.#call('phones/pry', { name: this.name, message })).text
  }

  /** Waits for a message on this phone. Each message is returned once; a second call waits for another message. */
  async hears(what: string | ((heard: Heard) => boolean), hearing: Hearing = {}): Promise<Heard> {
    const matches = typeof what === 'string' ? ({ text }: Heard) => text === what : what
    const fits = (heard: Heard) =>
      (hearing.from === undefined || heard.from.name === hearing.from.name) && matches(heard)
    const withinMs = hearing.withinMs ?? usualPatienceMs
    let version = -1
    const found = await pollUntil(withinMs, async waitMs => {
      const request = { name: this.name, after: this.#lastFetched, version, wait_ms: waitMs }
      const page = await this.#call('ledger/heard', request)
      version = page.version
      this.#untold.push(...page.heard.filter(({ sequence }) => sequence > this.#lastFetched))
      this.#lastFetched = Math.max(this.#lastFetched, ...page.heard.map(({ sequence }) => sequence))
      return this.#untold.find(fits)
    })
    if (!found) throw new Error(await this.#silence(withinMs))
    this.#untold = this.#untold.filter(heard => heard !== found)
    return found
  }

  /** Everything that this phone has received so far. */
  async heard(): Promise<Heard[]> {
    return (await this.#call('ledger/heard', { name: this.name })).heard
  }

  async #say(what: { text: string } | { content: string }, saying: Saying): Promise<string> {
    const request: RequestOf<'phones/say'> = {
      name: this.name,
      ...what,
      to: saying.to instanceof PhoneCharacter ? { phone: saying.to.name } : { group: saying.to.id },
      ...remarked(saying),
    }
    if (saying.addressedBy) request.addressed_by = saying.addressedBy
    if (saying.revealAlternate !== undefined) request.reveal_alternate = saying.revealAlternate
    if (saying.id !== undefined) request.id = saying.id
    if (saying.garbled !== undefined) request.garbled = saying.garbled
    if (saying.unavailable !== undefined) request.unavailable = saying.unavailable
    if (saying.broadcastList !== undefined) request.broadcast_list = saying.broadcastList
    if (saying.withSecret !== undefined) request.with_secret = saying.withSecret
    return (await this.#call('phones/say', request)).id
  }

  async #silence(withinMs: number): Promise<string> {
    const kinds = (await this.heard()).map(({ kind, from }) => `${kind} from ${from.name}`)
    return `${this.name} did not hear it within ${withinMs} ms; heard: ${kinds.join(', ') || 'nothing'}`
  }
}
