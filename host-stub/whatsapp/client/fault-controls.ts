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

/** What can be made to go wrong; where a phone is named, it happens to the devices linked to it. */
export interface FaultControls {
  certificate(fault: CertificateFault | null): Promise<void>
  /** How new connections are met: `open`, `refuse`, `drop` before or after the login, `replace_after_login`, `mute` to the unlinked. */
  door(door: Door): Promise<void>
  /** Refuses with this code to say who is in a group, until it is null. */
  groupQuery(code: number | null): Promise<void>
  /** Spoils the next pairing of this phone. */
  pairing(phone: PhoneCharacter, fault: PairingFault | null): Promise<void>
  /** Spoils the linkings of this phone's account with a passkey, until it is null. */
  passkey(phone: PhoneCharacter, fault: PasskeyFault | null): Promise<void>
  /** Cuts the TCP line. */
  drop(phone: PhoneCharacter): Promise<void>
  /** `<xmlstreamend/>` and an orderly close. */
  streamEnd(phone: PhoneCharacter): Promise<void>
  /** `<stream:error code=…>` with these children; without a code when it is null. */
  streamError(
    phone: PhoneCharacter,
    code: number | string | null,
    ...children: { tag: string; type?: string }[]
  ): Promise<void>
  /** 440: another client took over. */
  replaced(phone: PhoneCharacter): Promise<void>
  /** The line stays, nothing is answered any more. */
  silence(phone: PhoneCharacter): Promise<void>
  /** `<failure reason=…/>` at the next logins, or to clients that are linked to nobody when no phone is named. */
  refuseLogin(phone: PhoneCharacter | null, refusal: Partial<LoginFault> & Pick<LoginFault, 'reason'>): Promise<void>
  /** What happens to the next messages that the devices send: no ack, a late one, a cut line, or an error code. */
  send(
    phone: PhoneCharacter,
    fault: { ack: 'withhold' | 'hold' | 'drop' | number; deliver?: boolean; times?: number },
  ): Promise<void>
  /** Sends the acks that were held back. Returns how many. */
  releaseAcks(phone: PhoneCharacter): Promise<number>
  /**
   * What is written in answer to each of the next queries that ask for this (as the network's `askedIn` has it): nothing, the right answer, or
   * stanzas of any kind, in which an id of `#` stands for the query's; `held`: when they are released.
   */
  answers(
    phone: PhoneCharacter,
    planned: { asked: string; answers: readonly (readonly ('right' | Uint8Array)[])[]; held?: boolean },
  ): Promise<void>
  /** Writes the answers that were held back. Returns how many. */
  releaseAnswers(phone: PhoneCharacter): Promise<number>
  withholdOffline(phone: PhoneCharacter, withheld: boolean): Promise<void>
  /** So many of the next pages of what waited do not come, however often they are asked for. */
  withholdPages(phone: PhoneCharacter, pages: number): Promise<void>
  /**
   * Puts a stanza of any kind into what waits for the devices, no matter what is wrong with it. Named are its attributes, a value of
   * null leaving out one that it would have (`from`, `id`, `t`). Returns its id.
   */
  post(phone: PhoneCharacter, tag: string, attributes?: Record<string, string | null>): Promise<string>
  /** The keys that the devices publish are kept, and nobody tells them so. */
  withholdKeyAnswers(phone: PhoneCharacter, withheld: boolean): Promise<void>
  /** Hands out one-time keys of the devices until only so many are left. */
  spendPreKeys(phone: PhoneCharacter, left: number): Promise<void>
  /** Spoils the keys that are handed out for a device of this phone, the phone itself being 0. */
  bundle(phone: PhoneCharacter, device: number, fault: BundleFault | null): Promise<void>
  /** The phone says to the author's devices, so often, that it cannot read a message, whatever it knows of that. */
  askAgain(
    phone: PhoneCharacter,
    asked: { author: PhoneCharacter; id: string; group?: string; device?: number; times?: number },
  ): Promise<void>
  /** How often the phone answers a device that asks it for a message that came without a ciphertext. */
  placeholders(phone: PhoneCharacter, answer: PlaceholderAnswer): Promise<void>
  /** What is wrong with the file at a path of the media host. */
  file(path: string, fault: FileFault | null): Promise<void>
  /** What the phone does when one of its devices misses a file. */
  fileAgain(phone: PhoneCharacter, answer: FileAnswer): Promise<void>
  /** Brings stanzas again, byte for byte: the given message ids, or everything ever sent. Returns how many. */
  redeliver(phone: PhoneCharacter, ids?: string[]): Promise<number>
  /** A status of the author's that cannot be decrypted; nothing behind it comes until it has a plain ack. Returns its id. */
  stuckStatus(phone: PhoneCharacter, author: PhoneCharacter): Promise<string>
  /**
   * The account may begin no new chats for so many seconds, or without a known end, or may again when it is null. Its
   * devices are told, unless they are to find out. Returns when it ends, in ms.
   */
  timeLock(phone: PhoneCharacter, ends: number | 'endless' | null, announced?: boolean): Promise<number | null>
  /** Writes frames as they are to the devices of a phone, or to all clients that wait to be linked. Returns how many. */
  write(phone: PhoneCharacter | null, frames: readonly Uint8Array[]): Promise<number>
  /** How often clients said what since the first such frame: by tag, queries by type and namespace. */
  said(): Promise<Record<string, number>>
  /** Of what they have acknowledged or receipted more than once since then, by its id: how. */
  answeredTwice(): Promise<Record<string, string[]>>
  clear(): Promise<void>
}

/** What does not come though it should, and what comes though it should not. */
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
