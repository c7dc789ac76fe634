import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto'

import { proto } from '@whiskeysockets/baileys'

const hmac = (key: Uint8Array, data: Uint8Array): Buffer => createHmac('sha256', key).update(data).digest()

/** The poll that a vote is for, and the addresses that the voter's phone saw. */
export type Ballot = {
  /** The stanza id of the poll. */
  readonly poll: string
  readonly creator: string
  readonly voter: string
  readonly secret: Uint8Array
}

/** A vote as a phone makes it, from the facts of the protocol and not from Baileys' code. */
export function sealedVote(chosen: readonly string[], { poll, creator, voter, secret }: Ballot) {
  const tied = Buffer.concat([Buffer.from(`${poll}${creator}${voter}Poll Vote`), Buffer.from([1])])
  const encIv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', hmac(hmac(Buffer.alloc(32), secret), tied), encIv)
  cipher.setAAD(Buffer.from(`${poll}\0${voter}`))
  const selectedOptions = chosen.map(option => createHash('sha256').update(option).digest())
  const plain = proto.Message.PollVoteMessage.encode({ selectedOptions }).finish()
  return { encIv, encPayload: Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]) }
}
