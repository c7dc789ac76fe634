import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto'
import { proto } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'

import { lidFromDigits, phoneFromDigits, type Person } from '../../plugin/contract/ids.ts'
import { choiceOf, type EncryptedVote, type KnownPoll } from '../../plugin/gateway/poll-vote.ts'

const ALICE: Person = { lid: lidFromDigits('77701'), phone: phoneFromDigits('972500000001') }
const BOB: Person = { lid: lidFromDigits('77702'), phone: phoneFromDigits('972500000002') }
const OPTIONS = ['Soup', 'Salad', 'Bread']
const poll: KnownPoll = { creator: ALICE, secret: randomBytes(32), options: OPTIONS }

const hmac = (key: Uint8Array, data: Uint8Array) => createHmac('sha256', key).update(data).digest()

/** As a phone makes it, from the facts of the protocol. */
function voteAs(voterJid: string, creatorJid: string, chosen: readonly string[]): EncryptedVote {
  const target = 'POLL1'
  const tied = Buffer.concat([Buffer.from(`${target}${creatorJid}${voterJid}Poll Vote`), Buffer.from([1])])
  const cipher = createCipheriv('aes-256-gcm', hmac(hmac(new Uint8Array(32), poll.secret), tied), Buffer.alloc(12, 7))
  cipher.setAAD(Buffer.from(`${target}\0${voterJid}`))
  const selectedOptions = chosen.map(option => createHash('sha256').update(option).digest())
  const plain = proto.Message.PollVoteMessage.encode({ selectedOptions }).finish()
  const encPayload = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  return { chat: { kind: 'direct', peer: BOB }, voter: BOB, target, encPayload, encIv: Buffer.alloc(12, 7) }
}

describe('a vote in a poll', () => {
  it.each([
    ['77702@lid', '77701@lid'],
    ['972500000002@s.whatsapp.net', '972500000001@s.whatsapp.net'],
    ['77702@lid', '972500000001@s.whatsapp.net'],
  ])('is read whichever addresses its phone saw: %s, %s', (voter, creator) => {
    expect(choiceOf(voteAs(voter, creator, ['Bread', 'Soup']), poll)).toEqual(['Soup', 'Bread'])
  })

  it('that is taken back chooses nothing', () => {
    expect(choiceOf(voteAs('77702@lid', '77701@lid', []), poll)).toEqual([])
  })

  it('of somebody else, or in another poll, is nobody’s', () => {
    const vote = voteAs('77702@lid', '77701@lid', ['Soup'])
    expect(choiceOf({ ...vote, voter: ALICE }, poll)).toBeNull()
    expect(choiceOf({ ...vote, target: 'POLL2' }, poll)).toBeNull()
    expect(choiceOf(vote, { ...poll, secret: randomBytes(32) })).toBeNull()
    expect(choiceOf({ ...vote, encPayload: randomBytes(40) }, poll)).toBeNull()
  })
})
