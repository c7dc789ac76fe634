import { randomInt } from 'node:crypto'
import type { Address } from '../wire/address.ts'
import { makeAppStateKey, type AppStateKey } from '../crypto/app-state-key.ts'
import type { Connection } from '../wire/connection.ts'
import { noAccountFaults, type AccountFaults } from './faults.ts'
import { makeKeyPair, type KeyPair } from '../crypto/keys.ts'
import type { DeviceQueue } from './queue.ts'
import { PhoneGroups } from './phone-groups.ts'
import { PhoneSignal } from '../crypto/phone-signal.ts'
import type { Passkey } from '../crypto/webauthn.ts'

/** The token that somebody has given an account so that it may write to them. */
export interface TrustedToken {
  bytes: Buffer
  atS: string
}

export interface PublicPreKey {
  keyId: number
  publicKey: Buffer
}

export interface SignedPreKey extends PublicPreKey {
  signature: Buffer
}

/** A linked device of an account: a real client on a socket. */
export interface Companion {
  account: Account
  number: number
  keyIndex: number
  noiseKey: Buffer
  identityKey: Buffer
  registrationId: number
  signedPreKey: SignedPreKey
  preKeys: PublicPreKey[]
  queue: DeviceQueue
  connection: Connection | undefined
  /** Whether it got routing information at an earlier login. */
  routed: boolean
  /** Whether the phone has sent the keys and the history that a new device gets once. */
  bootstrapped: boolean
}

/** The account may start no new chats until an instant that the server may not reveal. */
export interface TimeLock {
  endsAtS: number | undefined
}

/** A person: the account and its phone, which lives in this process. */
export interface Account {
  name: string
  pushName: string
  phoneNumber: string
  lid: string
  identity: KeyPair
  companions: Map<number, Companion>
  nextCompanion: number
  /** The device that WhatsApp hosts for a company's software: it receives like a phone, under its own name. */
  hosted: Account | undefined
  faults: AccountFaults
  /** The passkey that proves that a browser belongs to the account; undefined if it has none. */
  passkey: Passkey | undefined
  signal: PhoneSignal
  groups: PhoneGroups
  online: boolean
  /** The people with whom it has a chat: they have written, or were written to. */
  acquainted: Set<Account>
  timeLock: TimeLock | undefined
  /** The tokens that it has given to people so that they may write to it. */
  tokens: Map<Account, TrustedToken>
  /** The salt from which its devices compute cstokens; created when the first device gets it. */
  nctSalt: Buffer | undefined
  appStateKey: AppStateKey
  /** Handlers of what arrived while the phone was offline. */
  missed: (() => Promise<void>)[]
  /** How often the phone asked for each message that it could not decrypt. */
  asked: Map<string, number>
  /** The end of the queue of the phone's tasks, which run one after the other. */
  tail: Promise<unknown>
}

export interface Profile {
  name: string
  phone?: string | undefined
  lid?: string | undefined
  pushName?: string | undefined
}

const firstPhoneNumber = 447_400_100_000
const firstLid = 100_200_300_400_000
const lidStep = 7919

export class Accounts {
  readonly #byName = new Map<string, Account>()

  /** Returns the account with this name; creates it if necessary. */
  meet(profile: Profile): Account {
    const known = this.#byName.get(profile.name)
    if (known) return known
    const account = this.#make(profile)
    const taken = [...this.#byName.values()].some(
      other => other.phoneNumber === account.phoneNumber || other.lid === account.lid,
    )
    if (taken) throw new Error('phone number or LID is taken')
    this.#byName.set(profile.name, account)
    return account
  }

  named(name: string): Account | undefined {
    return this.#byName.get(name)
  }

  at({ user, server }: Address): Account | undefined {
    const isLid = server === 'lid' || server === 'hosted.lid'
    return this.all().find(account => user === (isLid ? account.lid : account.phoneNumber))
  }

  all(): Account[] {
    return [...this.#byName.values()]
  }

  #make(profile: Profile): Account {
    const identity = makeKeyPair()
    const index = this.#byName.size
    return {
      name: profile.name,
      pushName: profile.pushName ?? profile.name,
      phoneNumber: profile.phone?.replace(/^\+/, '') ?? String(firstPhoneNumber + index),
      lid: profile.lid ?? String(firstLid + index * lidStep),
      identity,
      companions: new Map(),
      nextCompanion: 1,
      hosted: undefined,
      faults: noAccountFaults(),
      passkey: undefined,
      signal: new PhoneSignal(identity, randomInt(1, 16_380)),
      groups: new PhoneGroups(),
      online: true,
      acquainted: new Set(),
      timeLock: undefined,
      tokens: new Map(),
      nctSalt: undefined,
      appStateKey: makeAppStateKey(),
      missed: [],
      asked: new Map(),
      tail: Promise.resolve(),
    }
  }
}

export function companionName({ account, number }: Pick<Companion, 'account' | 'number'>): string {
  return `${account.name}:${number}`
}

/** Runs a phone's task after all its earlier ones, so that two tasks never use a session at once. */
export function inTurn<Result>(account: Account, task: () => Promise<Result>): Promise<Result> {
  const result = account.tail.then(task)
  account.tail = result.catch(() => undefined)
  return result
}

export function personalAddress(account: Account, server: 'lid' | 's.whatsapp.net'): Address {
  return { user: server === 'lid' ? account.lid : account.phoneNumber, server, device: 0 }
}

/** Makes two accounts acquainted, after one has written to the other. */
export function meet(one: Account, other: Account): void {
  one.acquainted.add(other)
  other.acquainted.add(one)
}
