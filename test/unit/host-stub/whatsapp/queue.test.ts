import { describe, expect, it } from 'vitest'
import { Accounts, type Companion } from '../../../../host-stub/whatsapp/world/accounts.ts'
import { makeKeyPair, signalKey } from '../../../../host-stub/whatsapp/crypto/keys.ts'
import { Ledger } from '../../../../host-stub/whatsapp/world/ledger.ts'
import { takeBundle } from '../../../../host-stub/whatsapp/protocol/encrypt.ts'
import { DeviceQueue, type FlushRules } from '../../../../host-stub/whatsapp/world/queue.ts'
import { attribute, stanza, type Stanza } from '../../../../host-stub/whatsapp/wire/stanza.ts'
import { sign } from '../../../../host-stub/whatsapp/crypto/xeddsa.ts'

const PUSHED: FlushRules = { pages: null, preview: 'right', withholdMarker: false }

function connectedQueue() {
  const sent: Stanza[] = []
  const line = { send: (node: Stanza) => void sent.push(node) }
  const queue = new DeviceQueue('owner:1', new Ledger())
  queue.attach(line)
  queue.flush(PUSHED)
  sent.length = 0
  return { queue, sent, line }
}

const message = (id: string, from: string) => stanza('message', { id, from })
const receipt = (id: string, to: string, type?: string) => stanza('receipt', { id, to, type })

describe('a device queue', () => {
  it.each(['retry', 'read', 'hist_sync'])('keeps a message that only a %s receipt came for', type => {
    const { queue } = connectedQueue()
    queue.post(message('1', 'a@lid'))
    queue.settle(receipt('1', 'a@lid', type))
    expect(queue.size).toBe(1)
  })

  it.each([undefined, 'inactive', 'sender', 'peer_msg'])('forgets a message at a receipt of type %s', type => {
    const { queue } = connectedQueue()
    queue.post(message('1', 'a@lid'))
    queue.settle(receipt('1', 'a@lid', type))
    expect(queue.size).toBe(0)
  })

  it('forgets at an ack too, even one with an error, and at each id of a list', () => {
    const { queue } = connectedQueue()
    for (const id of ['1', '2', '3']) queue.post(message(id, 'a@lid'))
    queue.settle(stanza('ack', { class: 'message', id: '1', to: 'a@lid', error: '500' }))
    const list = stanza('list', {}, [stanza('item', { id: '3' })])
    queue.settle({ ...receipt('2', 'a@lid'), content: [list] })
    expect(queue.size).toBe(0)
  })

  it('tells two messages with the same id by their chat', () => {
    const { queue, line, sent } = connectedQueue()
    queue.post(message('1', 'a@lid'))
    queue.post(message('1', 'b@lid'))
    queue.settle(receipt('1', 'b@lid'))
    queue.settle(receipt('1', 'c@lid'))
    queue.attach(line)
    sent.length = 0
    queue.flush({ ...PUSHED, withholdMarker: true })
    expect(sent.filter(({ tag }) => tag === 'message').map(node => attribute(node, 'from'))).toEqual(['a@lid'])
  })

  it('holds live messages back until the old ones are out', () => {
    const { queue, line, sent } = connectedQueue()
    queue.detach(line)
    queue.post(message('1', 'a@lid'))
    queue.attach(line)
    queue.post(message('2', 'a@lid'))
    expect(sent).toEqual([])
    queue.flush(PUSHED)
    queue.post(message('3', 'a@lid'))
    expect(sent.map(({ tag, attrs }) => [tag, attrs['id'], attrs['offline']])).toEqual([
      ['ib', undefined, undefined],
      ['message', '1', '0'],
      ['message', '2', '1'],
      ['ib', undefined, undefined],
      ['message', '3', undefined],
    ])
  })
})

describe('a device queue in pages', () => {
  const waiting = (count: number, rules: Partial<FlushRules> = {}) => {
    const { queue, sent, line } = connectedQueue()
    queue.detach(line)
    for (let id = 1; id <= count; id += 1) queue.post(message(String(id), 'a@lid'))
    queue.attach(line)
    queue.flush({ ...PUSHED, pages: { primer: 2, page: 3, live: 'at_the_end' }, ...rules })
    const since = (): string[] =>
      sent.splice(0).map(({ tag, attrs, content }) => (tag === 'ib' ? ibOf(content) : String(attrs['id'])))
    return { queue, since }
  }
  const ibOf = (content: Stanza['content']): string =>
    Array.isArray(content) ? content.map(({ tag, attrs }) => `${tag} ${attrs['count']}`).join() : 'empty'

  it('gives its primer unasked, a page each time that it is asked, and says when it was all', () => {
    const { queue, since } = waiting(6)
    expect(since()).toEqual(['offline_preview 6', '1', '2'])
    queue.more(100)
    expect(since()).toEqual(['3', '4', '5'])
    queue.post(message('7', 'a@lid'))
    expect(since()).toEqual([])
    queue.more(100)
    expect(since()).toEqual(['6', '7', 'offline 7'])
    queue.more(100)
    queue.post(message('8', 'a@lid'))
    expect(since()).toEqual(['8'])
  })

  it('gives as many as it is asked for, and what is said meanwhile between', () => {
    const { queue, since } = waiting(6, { pages: { primer: 0, page: null, live: 'between' } })
    expect(since()).toEqual(['offline_preview 6'])
    queue.more(4)
    queue.post(message('7', 'a@lid'))
    expect(since()).toEqual(['1', '2', '3', '4', '7'])
    queue.more(4)
    expect(since()).toEqual(['5', '6', 'offline 6'])
  })

  it.each([
    ['absent', 'offline_preview undefined'],
    [{ count: 'many' }, 'offline_preview many'],
  ] as const)('announces what it is told to announce: %j', (preview, said) => {
    expect(waiting(1, { preview }).since()).toEqual([said, '1', 'offline 1'])
    expect(waiting(1, { preview: 'unsaid' }).since()).toEqual(['1', 'offline 1'])
  })

  it('knows what it is owed an answer for', () => {
    const { queue } = waiting(3)
    expect(attribute(queue.owed ?? stanza('none'), 'id')).toBe('1')
    for (const id of ['1', '2']) queue.settle(receipt(id, 'a@lid'))
    expect(queue.owed).toBeUndefined()
  })
})

it('tells a device once that its one-time keys run low, and then hands out bundles without', () => {
  const { queue, sent } = connectedQueue()
  const identity = makeKeyPair()
  const { publicKey } = makeKeyPair()
  const companion: Companion = {
    account: new Accounts().meet({ name: 'owner' }),
    number: 1,
    keyIndex: 1,
    noiseKey: makeKeyPair().publicKey,
    identityKey: identity.publicKey,
    registrationId: 1,
    signedPreKey: { keyId: 1, publicKey, signature: sign(identity, signalKey(publicKey)) },
    preKeys: Array.from({ length: 6 }, (_, keyId) => ({ keyId, publicKey: makeKeyPair().publicKey })),
    queue,
    connection: undefined,
    routed: false,
    bootstrapped: true,
  }
  const ids = Array.from({ length: 8 }, () => takeBundle(companion).preKey?.keyId)
  expect(ids).toEqual([0, 1, 2, 3, 4, 5, undefined, undefined])
  expect(sent.map(({ attrs }) => attrs['type'])).toEqual(['encrypt'])
})
