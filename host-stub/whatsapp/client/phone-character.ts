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

/** What a message says of others. */
export interface Remarks {
  mentions?: PhoneCharacter[]
  /** The id of the message that is quoted. */
  quotes?: string
  /** What is quoted of it; all of it by default. */
  quoteBody?: RequestOf<'phones/say'>['quote_body']
  /** It says that it was forwarded, so often. */
  forwarded?: number
  mentionsAll?: 'mark' | 'group'
}

export interface Saying extends Remarks {
  to: PhoneCharacter | GroupCharacter
  /** Whether the sender appears by LID or by phone number; a group has its own way unless this says otherwise. */
  addressedBy?: 'lid' | 'pn'
  /** Whether the stanza also tells the sender's other address; true by default. */
  revealAlternate?: boolean
  id?: string
  /** How many of the coming transmissions arrive broken. */
  garbled?: number
  /** The devices get it without a ciphertext, for this reason; empty: for none that is given. */
  unavailable?: string
  /** Whether it has a secret with which others may seal what they say about it. */
  withSecret?: boolean
  /** To a list of people, of this number, that the recipient is on. */
  broadcastList?: string
}

export interface SealedSaying {
  /** The message that it is about, by its id. */
  about: string
  /** What is sealed, as protobuf. */
  plain: Uint8Array
  addressedBy?: 'lid' | 'pn'
  /** Under which address its author, and the one who seals, are named in the seal. */
  authorBy?: 'lid' | 'pn'
  modifierBy?: 'lid' | 'pn'
  /** In place of the message's own. */
  secret?: Uint8Array
}

export type FileSent = {
  kind: FileKind
  mime: string
  caption?: string
  fileName?: string
  /** The id of the album that it is a piece of, and how it says so: within a wrapper, by default. */
  album?: string
  pieceForm?: PieceForm
  /** An encoded protobuf `Message` whose fields stand in place of the true ones. */
  lies?: Uint8Array
} & ({ bytes: Uint8Array } | { sizeBytes: number; seed: string })

export interface FileOnItsWay {
  id: string
  /** Where it is on the media host. */
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

/** A person with a phone, as the stories of the tests and the demo know them. */
export class PhoneCharacter {
  readonly name: string
  /** E.164 */
  readonly phone: string
  /** Digits only. */
  readonly lid: string
  readonly #call: ControlCall
  /** Received, and not yet told to anybody who asked. */
  #untold: Heard[] = []
  #lastFetched = 0

  constructor(call: ControlCall, card: PhoneCard) {
    this.#call = call
    this.name = card.name
    this.phone = card.phone
    this.lid = card.lid
  }

  /** Points the camera at a QR code: the text of the code, or its picture as a data URL. */
  async scan(qr: string): Promise<PairingOutcome> {
    return this.#call('phones/scan', { name: this.name, qr })
  }

  /** Types the code of a device that wants to be linked to this phone's number. */
  async entersCode(code: string): Promise<PairingOutcome> {
    return this.#call('phones/enter_code', { name: this.name, code })
  }

  /** Its account has a passkey: its credential id and its public key (SPKI, DER), both base64url. */
  async ownsPasskey({ credentialId, publicKey }: { credentialId: string; publicKey: string }): Promise<void> {
    await this.#call('phones/own_passkey', { name: this.name, credential_id: credentialId, public_key: publicKey })
  }

  /** Writes a text and returns the id of the message. */
  async says(text: string, saying: Saying): Promise<string> {
    return this.#say({ text }, saying)
  }

  /** Sends any message, given as an encoded protobuf `Message`. */
  async sends(content: Uint8Array, saying: Saying): Promise<string> {
    return this.#say({ content: Buffer.from(content).toString('base64') }, saying)
  }

  /** Sends a file: the given bytes, or so many that are made up. */
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

  /** Tells that so many files belong together, which are sent before or after; gives the id by which they name it. */
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

  /** Opens a file that it was sent, as it was decrypted and verified; `head` is its beginning. */
  async opensFile(message: string): Promise<{ sha256: string; sizeBytes: number; head: Buffer }> {
    const { sha256, size_bytes, head } = await this.#call('phones/file', { name: this.name, message })
    return { sha256, sizeBytes: size_bytes, head: Buffer.from(head, 'base64') }
  }

  /** Edits, remarks on or reacts to a message so that only those can read it who have that message. */
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

  /** Sets how long what is said in a chat from now on stays there; 0: for good. */
  async setsTimer(seconds: number, to: PhoneCharacter | GroupCharacter): Promise<void> {
    const target = to instanceof PhoneCharacter ? { phone: to.name } : { group: to.id }
    await this.#call('phones/set_timer', { name: this.name, to: target, seconds })
  }

  async reacts(emoji: string, to: { message: string; addressedBy?: 'lid' | 'pn' }): Promise<string> {
    const addressing = to.addressedBy && { addressed_by: to.addressedBy }
    const { id } = await this.#call('phones/react', { name: this.name, to_message: to.message, emoji, ...addressing })
    return id
  }

  /** Calls, and hangs up when nobody answers; gives the id of the call. */
  async calls(to: PhoneCharacter, { video = false }: { video?: boolean } = {}): Promise<string> {
    return (await this.#call('phones/call', { name: this.name, to: to.name, video })).id
  }

  /** Opens the chat, so that the sender learns the message was read. */
  async reads(message: string): Promise<void> {
    await this.#call('phones/read', { name: this.name, message })
  }

  async goesOffline(): Promise<void> {
    await this.#call('phones/online', { name: this.name, online: false })
  }

  async comesOnline(): Promise<void> {
    await this.#call('phones/online', { name: this.name, online: true })
  }

  /** The numbers of its linked devices, as its settings list them. */
  async devices(): Promise<number[]> {
    return (await this.#call('phones/meet', { name: this.name })).devices
  }

  /** Unlinks a device, or all of them, in the phone's settings. */
  async removesDevice(device?: number): Promise<void> {
    await this.#call('phones/remove_device', { name: this.name, ...(device === undefined ? {} : { device }) })
  }

  /** As after a restored backup: what comes next in an old session cannot be decrypted. */
  async forgetsSessions(): Promise<void> {
    await this.#call('phones/forget_sessions', { name: this.name })
  }

  /** Installs the app again: another identity, and its linked devices are gone. */
  async reinstalls(): Promise<void> {
    await this.#call('phones/reinstall', { name: this.name })
  }

  /** Gets a device at WhatsApp itself, as companies have. */
  async hostsDevice(): Promise<void> {
    await this.#call('phones/host', { name: this.name })
  }

  /** The texts that the device at WhatsApp itself has received. */
  async hostedHeard(): Promise<string[]> {
    return (await this.#call('ledger/heard', { name: `${this.name}:99` })).heard.map(({ text }) => text)
  }

  /** Tries to read a group message with the keys on this phone, as if it had got hold of it; null when it cannot. */
  async pries(message: string): Promise<string | null> {
    return (await this.#call('phones/pry', { name: this.name, message })).text
  }

  /** Waits for a message on this phone. Each message is told once; a second call waits for a second message. */
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

  /** Everything this phone has received so far. */
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
