declare module 'libsignal/src/protocol_address.js' {
  class ProtocolAddress {
    readonly id: string
    readonly deviceId: number
    constructor(id: string, deviceId: number)
    toString(): string
  }
  export default ProtocolAddress
}

declare module 'libsignal/src/session_record.js' {
  class SessionRecord {
    static deserialize(stored: unknown): SessionRecord
    serialize(): unknown
    haveOpenSession(): boolean
  }
  export default SessionRecord
}

declare module 'libsignal/src/session_builder.js' {
  import type ProtocolAddress from 'libsignal/src/protocol_address.js'
  class SessionBuilder {
    constructor(storage: object, address: ProtocolAddress)
    initOutgoing(bundle: {
      registrationId: number
      identityKey: Uint8Array
      signedPreKey: { keyId: number; publicKey: Uint8Array; signature: Uint8Array }
      preKey?: { keyId: number; publicKey: Uint8Array }
    }): Promise<void>
  }
  export default SessionBuilder
}

declare module 'libsignal/src/session_cipher.js' {
  import type ProtocolAddress from 'libsignal/src/protocol_address.js'
  class SessionCipher {
    constructor(storage: object, address: ProtocolAddress)
    encrypt(plaintext: Uint8Array): Promise<{ type: number; body: Uint8Array }>
    decryptWhisperMessage(ciphertext: Uint8Array): Promise<Buffer>
    decryptPreKeyWhisperMessage(ciphertext: Uint8Array): Promise<Buffer>
  }
  export default SessionCipher
}
