import { createCipheriv } from 'node:crypto'

import {
  GroupCipher,
  GroupSessionBuilder,
  SenderKeyDistributionMessage,
  SenderKeyMessage,
  SenderKeyName,
  SenderKeyRecord,
} from '@whiskeysockets/baileys/lib/Signal/Group/index.js'

export interface GroupSender {
  group: string
  user: string
  device: number
}

/** The sender keys of a phone: its own per group, and those that it got from others. */
export class PhoneGroups {
  readonly #records = new Map<string, SenderKeyRecord>()
  /** The devices that already have this phone's key, per group and per addressing mode of the sender. */
  readonly #given = new Set<string>()

  /** The message that allows another device to decrypt what this phone sends from now on. */
  async distribution(self: GroupSender): Promise<Uint8Array> {
    const message = await new GroupSessionBuilder(this.#storage()).create(name(self))
    return message.serialize()
  }

  /** Advances the chain by one step per message, as phones do; Baileys' own cipher skips every second step. */
  encrypt(self: GroupSender, plaintext: Uint8Array): Uint8Array {
    const state = this.#records.get(name(self).toString())?.getSenderKeyState()
    if (!state) throw new Error('the phone has no key of its own for this group')
    const chain = state.getSenderChainKey()
    const key = chain.getSenderMessageKey()
    const cipher = createCipheriv('aes-256-cbc', key.getCipherKey(), key.getIv())
    const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
    state.setSenderChainKey(chain.getNext())
    const signingKey = state.getSigningKeyPrivate()
    return new SenderKeyMessage(state.getKeyId(), key.getIteration(), ciphertext, signingKey).serialize()
  }

  async accept(sender: GroupSender, distribution: Uint8Array): Promise<void> {
    const message = new SenderKeyDistributionMessage(null, null, null, null, distribution)
    await new GroupSessionBuilder(this.#storage()).process(name(sender), message)
  }

  async decrypt(sender: GroupSender, ciphertext: Uint8Array): Promise<Uint8Array> {
    return new GroupCipher(this.#storage(), name(sender)).decrypt(ciphertext)
  }

  hasGivenTo(holder: string): boolean {
    return this.#given.has(holder)
  }

  noteGivenTo(holder: string): void {
    this.#given.add(holder)
  }

  forgetKeys(): void {
    this.#records.clear()
    this.#given.clear()
  }

  #storage() {
    return {
      loadSenderKey: (senderKey: SenderKeyName) => {
        return Promise.resolve(this.#records.get(senderKey.toString()) ?? new SenderKeyRecord())
      },
      storeSenderKey: (senderKey: SenderKeyName, record: SenderKeyRecord) => {
        this.#records.set(senderKey.toString(), record)
        return Promise.resolve()
      },
    }
  }
}

function name({ group, user, device }: GroupSender): SenderKeyName {
  return new SenderKeyName(group, { id: user, deviceId: device, toString: () => `${user}.${device}` })
}
