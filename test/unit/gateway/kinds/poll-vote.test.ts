import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'

import { lidFromDigits, phoneFromDigits, type Person } from '../../../../plugin/contract/ids.ts'
import { choiceOf, type EncryptedVote, type KnownPoll } from '../../../../plugin/gateway/kinds/poll-vote.ts'
import { sealedVote } from '../../../support/sealed-vote.ts'

const ALICE: Person = { lid: lidFromDigits('77701'), phone: phoneFromDigits('972500000001') }
const BOB: Person = { lid: lidFromDigits('77702'), phone: phoneFromDigits('972500000002') }
const OPTIONS = ['Soup', 'Salad', 'Bread']
const poll: KnownPoll = { creator: ALICE, secret: randomBytes(32), options: OPTIONS }

function voteAs(voter: string, creator: string, chosen: readonly string[]): EncryptedVote {
  const target = 'POLL1'
  const vote = sealedVote(chosen, { poll: target, voter, creator, secret: poll.secret })
  return { chat: { kind: 'direct', peer: BOB }, voter: BOB, target, ...vote }
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
