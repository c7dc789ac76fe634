import { createHash } from 'node:crypto'
import { decryptPollVote } from '@whiskeysockets/baileys'

import type { Chat, Person } from '../../contract/ids.ts'
import { jidOfPerson } from './jid.ts'

/** An encrypted vote. Only a device that has the poll can read what was chosen. */
export type EncryptedVote = {
  readonly chat: Chat
  readonly voter: Person
  /** The stanza id of the poll. */
  readonly target: string
  readonly encPayload: Uint8Array
  readonly encIv: Uint8Array
}

/** The parts of a poll that are needed to read its votes. */
export type KnownPoll = {
  readonly creator: Person
  /** 32 bytes that came with the poll. */
  readonly secret: Uint8Array
  readonly options: readonly string[]
}

/** The options that a vote chose, in the order of the poll; null if it was not made for this poll. */
export function choiceOf(vote: EncryptedVote, poll: KnownPoll): string[] | null {
  for (const pollCreatorJid of jidsOf(poll.creator)) {
    for (const voterJid of jidsOf(vote.voter)) {
      const chosen = decrypted(vote, { pollCreatorJid, voterJid, pollMsgId: vote.target, pollEncKey: poll.secret })
      if (chosen) return poll.options.filter(option => chosen.has(hashOf(option)))
    }
  }
  return null
}

/** A vote is bound to the addresses that the voter's phone saw. Of each person, that may be either. */
function jidsOf({ lid, phone }: Person): string[] {
  const addresses = [lid && { lid, phone: null }, phone && { lid: null, phone }]
  return addresses.flatMap(address => (address ? [jidOfPerson(address)] : []))
}

type Tied = Parameters<typeof decryptPollVote>[1]

function decrypted({ encPayload, encIv }: EncryptedVote, tied: Tied): Set<string> | null {
  try {
    const { selectedOptions } = decryptPollVote({ encPayload, encIv }, tied)
    return new Set((selectedOptions ?? []).map(hash => Buffer.from(hash).toString('hex')))
  } catch {
    return null
  }
}

const hashOf = (option: string): string => createHash('sha256').update(option).digest('hex')
