import { randomBytes } from 'node:crypto'

import { proto } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'

import type { WireMessage } from '../../plugin/contract/api/messages.ts'
import { followMessages } from '../support/events.ts'
import { sealedVote } from '../support/sealed-vote.ts'
import { storiesInTurn } from '../support/stories-in-turn.ts'

const { nextLinkedStory } = storiesInTurn()

const bytesOf = (message: proto.IMessage): Uint8Array => proto.Message.encode(message).finish()
const { MESSAGE_EDIT, REVOKE } = proto.Message.ProtocolMessage.Type
const place = { degreesLatitude: 32.08, degreesLongitude: 34.78 }

describe('F43: whatever people do besides writing', () => {
  it('has an outcome each, and only what says something by itself is answered', async () => {
    await using story = await nextLinkedStory()
    const { network, client, owner } = story
    const alice = await network.phone('alice')
    await client.bindings.create.mutate({ agent: 'default', match_rule: {} })
    using messages = followMessages(client)
    const seen: string[] = []
    /** Sends it, and waits until it is there and, when it is answered, has been answered. */
    const outcomeOf = async (message: proto.IMessage): Promise<[string, string]> => {
      await alice.sends(bytesOf(message), { to: owner })
      const isNew = ({ id, direction }: WireMessage): boolean => direction === 'inbound' && !seen.includes(id)
      const { data } = await messages.until(event => isNew(event.data))
      seen.push(data.id)
      if (data.outcome === 'matched') await alice.hears(({ own }) => !own, { from: owner })
      return [data.kind, data.outcome]
    }
    const secret = randomBytes(32)
    const text = await alice.says('hello', { to: owner })
    const first = await messages.until(({ data }) => data.text === 'hello')
    seen.push(first.data.id)
    await alice.hears(({ own }) => !own, { from: owner })

    const edit = { type: MESSAGE_EDIT, key: { id: text }, editedMessage: { conversation: 'hello there' } }
    expect(await outcomeOf({ protocolMessage: edit })).toEqual(['text', 'ignored: edit'])
    const revoke = { type: REVOKE, key: { id: text, fromMe: true } }
    expect(await outcomeOf({ protocolMessage: revoke })).toEqual(['revoke', 'ignored: revoke'])
    expect(await outcomeOf({ reactionMessage: { key: { id: text }, text: '👍' } })).toEqual([
      'reaction',
      'ignored: reaction',
    ])
    expect(await outcomeOf({ ephemeralMessage: { message: { conversation: 'soon' } } })).toEqual(['text', 'matched'])
    expect(await outcomeOf({ albumMessage: { expectedImageCount: 2 } })).toEqual(['album', 'ignored: album'])
    expect(await outcomeOf({ locationMessage: place })).toEqual(['location', 'matched'])
    expect(await outcomeOf({ contactMessage: { displayName: 'Bob' } })).toEqual(['contacts', 'matched'])
    const poll = { name: 'Lunch?', options: [{ optionName: 'Soup' }], selectableOptionsCount: 1 }
    expect(await outcomeOf({ messageContextInfo: { messageSecret: secret }, pollCreationMessage: poll })).toEqual([
      'poll',
      'matched',
    ])
    const ballot = { poll: 'unheard of', creator: `${alice.lid}@lid`, voter: `${alice.lid}@lid`, secret }
    const vote = { pollCreationMessageKey: { id: 'unheard of' }, vote: sealedVote(['Soup'], ballot) }
    expect(await outcomeOf({ pollUpdateMessage: vote })).toEqual(['poll_vote', 'ignored: poll_vote'])
    expect(await outcomeOf({ orderMessage: { itemCount: 2 } })).toEqual(['order', 'matched'])
    expect(await outcomeOf({ productMessage: { product: { title: 'Soup' } } })).toEqual(['product', 'matched'])
    expect(await outcomeOf({ listResponseMessage: { singleSelectReply: { selectedRowId: 'tea' } } })).toEqual([
      'choice',
      'matched',
    ])
    const remark = { message: { conversation: 'agreed' }, targetMessageKey: { id: text } }
    expect(await outcomeOf({ commentMessage: remark })).toEqual(['comment', 'matched'])
    expect(await outcomeOf({ sendPaymentMessage: { noteMessage: { conversation: 'for lunch' } } })).toEqual([
      'payment',
      'matched',
    ])
    expect(await outcomeOf({ sendPaymentMessage: {} })).toEqual(['payment', 'ignored: payment'])
    expect(await outcomeOf({ listMessage: { title: 'Menu' } })).toEqual(['business', 'ignored: business'])
    expect(await outcomeOf({ callLogMesssage: {} })).toEqual(['unsupported', 'ignored: unsupported'])
    expect(await outcomeOf({ messageContextInfo: { messageSecret: secret } })).toEqual([
      'unsupported',
      'ignored: unsupported',
    ])
    const id = await alice.calls(owner)
    expect(id).not.toBe('')
    const called = await messages.until(({ data }) => data.kind === 'call')
    expect(called.data.outcome).toBe('ignored: call')
  })

  it('a revoke cancels a turn that has not begun, and an edit begins no second one', async () => {
    await using story = await nextLinkedStory({ host: { env: { ECHO_DELAY_MS: '1500' } } })
    const { network, client, owner } = story
    const alice = await network.phone('alice')
    await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
    await alice.says('first', { to: owner })
    const second = await alice.says('second', { to: owner })
    const third = await alice.says('third', { to: owner })
    const key = (id: string) => ({ id, fromMe: true })
    await alice.sends(bytesOf({ protocolMessage: { type: REVOKE, key: key(second) } }), { to: owner })
    const edited = { type: MESSAGE_EDIT, key: key(third), editedMessage: { conversation: 'third, edited' } }
    await alice.sends(bytesOf({ protocolMessage: edited }), { to: owner })
    await alice.hears('first', { from: owner })
    await alice.hears('third, edited', { from: owner })
    await alice.says('last', { to: owner })
    await alice.hears('last', { from: owner })
    const answers = (await alice.heard()).filter(({ own }) => !own).map(({ text }) => text)
    expect(answers).toEqual(['first', 'third, edited', 'last'])
  })
})
