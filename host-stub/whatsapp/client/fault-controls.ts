import type { ControlCall } from './control-call.ts'
import type {
  BundleFault,
  CertificateFault,
  Door,
  FileAnswer,
  LoginFault,
  PairingFault,
  PasskeyFault,
  PlaceholderAnswer,
} from '../world/faults.ts'
import type { FileFault } from '../media/file-faults.ts'
import type { PhoneCharacter } from './phone-character.ts'

/** The faults that tests can cause. A fault with a phone affects the devices linked to it. */
export interface FaultControls {
  certificate(fault: CertificateFault | null): Promise<void>
  /**
   * How new connections are treated: `open`, `refuse`, `drop` before or after the login, `replace_after_login`, `mute` for clients
   * that are not linked.
   */
  door(door: Door): Promise<void>
  /** Queries for the members of a group fail with this code, until it is null. */
  groupQuery(code: number | null): Promise<void>
  /** Makes the next pairing of this phone fail. */
  pairing(phone: PhoneCharacter, fault: PairingFault | null): Promise<void>
  /** Makes linking a device to this phone's account with a passkey fail, until it is null. */
  passkey(phone: PhoneCharacter, fault: PasskeyFault | null): Promise<void>
  /** Cuts the TCP connection. */
  drop(phone: PhoneCharacter): Promise<void>
  /** Sends `<xmlstreamend/>` and closes the connection. */
  streamEnd(phone: PhoneCharacter): Promise<void>
  /** Sends `<stream:error code=…>` with these children; without a code if it is null. */
  streamError(
    phone: PhoneCharacter,
    code: number | string | null,
    ...children: { tag: string; type?: string }[]
  ): Promise<void>
  /** Sends 440: another client took over. */
  replaced(phone: PhoneCharacter): Promise<void>
  /** The connection stays open, but nothing is answered any more. */
  silence(phone: PhoneCharacter): Promise<void>
  /** Sends `<failure reason=…/>` at the next logins; without a phone to clients that are not linked. */
  refuseLogin(phone: PhoneCharacter | null, refusal: Partial<LoginFault> & Pick<LoginFault, 'reason'>): Promise<void>
  /** What happens to the next messages that the devices send: no ack, a late one, a cut connection, or an error code. */
  send(
    phone: PhoneCharacter,
    fault: { ack: 'withhold' | 'hold' | 'drop' | number; deliver?: boolean; times?: number },
  ): Promise<void>
  /** Sends the acks that were held back. Returns their number. */
  releaseAcks(phone: PhoneCharacter): Promise<number>
  /**
   * The answers to the next queries that ask for this (in the format of the network's `askedIn`): none, the right answer, or
   * stanzas of any kind, in which an id of `#` stands for the id of the query. `held`: they are sent only when they are released.
   */
  answers(
    phone: PhoneCharacter,
    planned: { asked: string; answers: readonly (readonly ('right' | Uint8Array)[])[]; held?: boolean },
  ): Promise<void>
  /** Sends the answers that were held back. Returns their number. */
  releaseAnswers(phone: PhoneCharacter): Promise<number>
  withholdOffline(phone: PhoneCharacter, withheld: boolean): Promise<void>
  /** This number of the next offline pages is not sent, however often they are requested. */
  withholdPages(phone: PhoneCharacter, pages: number): Promise<void>
  /**
   * Queues a stanza of any kind for the devices, valid or not. `attributes` sets its attributes; null removes a default one
   * (`from`, `id`, `t`). Returns its id.
   */
  post(phone: PhoneCharacter, tag: string, attributes?: Record<string, string | null>): Promise<string>
  /** The keys that the devices publish are stored, but the devices get no answer. */
  withholdKeyAnswers(phone: PhoneCharacter, withheld: boolean): Promise<void>
  /** Hands out one-time keys of the devices until only this many are left. */
  spendPreKeys(phone: PhoneCharacter, left: number): Promise<void>
  /** Makes the keys invalid that are handed out for a device of this phone; 0 is the phone itself. */
  bundle(phone: PhoneCharacter, device: number, fault: BundleFault | null): Promise<void>
  /** The phone tells the author's devices `times` times that it cannot read a message, whether it received the message or not. */
  askAgain(
    phone: PhoneCharacter,
    asked: { author: PhoneCharacter; id: string; group?: string; device?: number; times?: number },
  ): Promise<void>
  /** How often the phone answers a device that asks it for a message that came without a ciphertext. */
  placeholders(phone: PhoneCharacter, answer: PlaceholderAnswer): Promise<void>
  /** The fault of the file at a path of the media host. */
  file(path: string, fault: FileFault | null): Promise<void>
  /** What the phone does when one of its devices asks for a missing file. */
  fileAgain(phone: PhoneCharacter, answer: FileAnswer): Promise<void>
  /** Sends stanzas again, byte for byte: the given message ids, or everything ever sent. Returns their number. */
  redeliver(phone: PhoneCharacter, ids?: string[]): Promise<number>
  /**
   * Queues a status of the author that cannot be decrypted; nothing behind it is sent until it gets a plain ack. Returns its id.
   */
  stuckStatus(phone: PhoneCharacter, author: PhoneCharacter): Promise<string>
  /**
   * The account may start no new chats for this many seconds, or without a known end; null lifts the lock. The devices are notified
   * unless `announced` is false. Returns the end in ms.
   */
  timeLock(phone: PhoneCharacter, ends: number | 'endless' | null, announced?: boolean): Promise<number | null>
  /** Sends raw frames to the devices of a phone, or to all clients that wait to be linked. Returns their number. */
  write(phone: PhoneCharacter | null, frames: readonly Uint8Array[]): Promise<number>
  /** How often clients sent what since the first such frame: by tag, queries by type and namespace. */
  said(): Promise<Record<string, number>>
  /** The ids that clients have acknowledged or receipted more than once since then, and how. */
  answeredTwice(): Promise<Record<string, string[]>>
  clear(): Promise<void>
}

/** Faults that withhold stanzas or send unexpected ones. */
const withheld = (
  call: ControlCall,
): Pick<FaultControls, 'withholdOffline' | 'withholdPages' | 'post' | 'withholdKeyAnswers'> => ({
  withholdOffline: async ({ name }, withheld) => void (await call('faults/withhold_offline', { name, withheld })),
  withholdPages: async ({ name }, pages) => void (await call('faults/withhold_pages', { name, pages })),
  post: async ({ name }, tag, attributes = {}) => (await call('faults/post', { name, tag, attributes })).id,
  withholdKeyAnswers: async ({ name }, withheld) =>
    void (await call('faults/withhold_key_answers', { name, withheld })),
})

const planned = (call: ControlCall): Pick<FaultControls, 'answers' | 'releaseAnswers'> => ({
  answers: async ({ name }, { asked, answers, held = false }) => {
    const written = answers.map(each =>
      each.map(frame => (frame === 'right' ? frame : Buffer.from(frame).toString('base64'))),
    )
    await call('faults/answers', { name, asked, answers: written, held })
  },
  releaseAnswers: async ({ name }) => (await call('faults/release_answers', { name })).released,
})

export function faultControls(call: ControlCall): FaultControls {
  const end = async ({ name }: PhoneCharacter, how: 'drop' | 'stream_end' | 'replaced' | 'silence') =>
    void (await call('faults/end', { name, ending: { how } }))
  return {
    certificate: async fault => void (await call('faults/certificate', { fault })),
    door: async door => void (await call('faults/door', { door })),
    groupQuery: async code => void (await call('faults/group_query', { code })),
    pairing: async ({ name }, fault) => void (await call('faults/pairing', { name, fault })),
    passkey: async ({ name }, fault) => void (await call('faults/passkey', { name, fault })),
    drop: phone => end(phone, 'drop'),
    streamEnd: phone => end(phone, 'stream_end'),
    streamError: async ({ name }, code, ...children) =>
      void (await call('faults/end', { name, ending: { how: 'stream_error', code, children } })),
    replaced: phone => end(phone, 'replaced'),
    silence: phone => end(phone, 'silence'),
    refuseLogin: async (phone, { expireS, ...refusal }) =>
      void (await call('faults/login', { ...refusal, name: phone && phone.name, expire_s: expireS })),
    send: async ({ name }, { ack, deliver = false, times = 1 }) =>
      void (await call('faults/send', { name, ack, deliver, times })),
    releaseAcks: async ({ name }) => (await call('faults/release_acks', { name })).released,
    ...withheld(call),
    ...planned(call),
    spendPreKeys: async ({ name }, left) => void (await call('faults/spend_pre_keys', { name, left })),
    bundle: async ({ name }, device, fault) => void (await call('faults/bundle', { name, device, fault })),
    askAgain: async ({ name }, { author, ...asked }) =>
      void (await call('faults/ask_again', { name, author: author.name, ...asked })),
    file: async (path, fault) => void (await call('faults/file', { path, fault })),
    placeholders: async ({ name }, answer) => void (await call('faults/placeholders', { name, answer })),
    fileAgain: async ({ name }, answer) => void (await call('faults/file_again', { name, answer })),
    redeliver: async ({ name }, ids) =>
      (await call('faults/redeliver', { name, ...(ids === undefined ? {} : { ids }) })).redelivered,
    stuckStatus: async ({ name }, author) => (await call('faults/stuck_status', { name, author: author.name })).id,
    timeLock: async ({ name }, ends, announced = true) => {
      const { ends_at_s: endsAtS } = await call('faults/time_lock', { name, ends, announced })
      return endsAtS && endsAtS * 1_000
    },
    write: async (phone, frames) => {
      const written = frames.map(frame => Buffer.from(frame).toString('base64'))
      return (await call('faults/write', { name: phone?.name ?? null, frames: written })).written
    },
    said: async () => (await call('faults/said', {})).said,
    answeredTwice: async () => (await call('faults/said', {})).twice,
    clear: async () => void (await call('faults/clear', {})),
  }
}
