import {
  GroupCipher,
  GroupSessionBuilder,
  SenderKeyDistributionMessage,
  SenderKeyName,
  SenderKeyRecord,
} from '@whiskeysockets/baileys/lib/Signal/Group/index.js'

export interface GroupSender {
  group: string
  user: string
  device: number
}

/** The sender keys of a phone: its own per group, and those that others gave it. */
export class PhoneGroups {
  readonly #records = new Map<string, Buffer>()
  /** Which device already holds this phone's key, per group and per way of naming the sender. */
  readonly #given = new Set<string>()

  /** The message that lets another device read what this phone writes from now on. */
  async distribution(self: GroupSender): Promise<Uint8Array> {
    const message = await new GroupSessionBuilder(this.#storage()).create(name(self))
    return message.serialize()
  }

  async encrypt(self: GroupSender, plaintext: Uint8Array): Promise<Uint8Array> {
    return new GroupCipher(this.#storage(), name(self)).encrypt(plaintext)
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
        const stored = this.#records.get(senderKey.toString())
        return Promise.resolve(stored ? SenderKeyRecord.deserialize(stored) : new SenderKeyRecord())
      },
      storeSenderKey: (senderKey: SenderKeyName, record: SenderKeyRecord) => {
        this.#records.set(senderKey.toString(), Buffer.from(JSON.stringify(record.serialize())))
        return Promise.resolve()
      },
    }
  }
}

function name({ group, user, device }: GroupSender): SenderKeyName {
  return new SenderKeyName(group, { id: user, deviceId: device, toString: () => `${user}.${device}` })
}
