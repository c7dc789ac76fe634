import Database from 'better-sqlite3'
import { proto } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'

import type { GroupId } from '../../plugin/contract/ids.ts'
import { chatWith, startGateway, type RunningGateway } from '../support/gateway.ts'
import { entriesOf, isText, messageIn, textsIn } from '../support/journal-entries.ts'
import { townsInTurn } from '../support/journal-town.ts'

const nextTown = townsInTurn()

/** The process dies and comes back, and its link with it. */
async function dieAndComeBack(gateway: RunningGateway): Promise<void> {
  const times = gateway.readyTimes()
  const after = gateway.events.length
  process.kill(gateway.supervisor.pid() ?? 0, 'SIGKILL')
  await gateway.whenReady(times + 1)
  await gateway.open()
  await gateway.connection('connected', after)
}

describe('F2: a ciphertext that comes again after its ratchet step', () => {
  it('is answered from the journal: a receipt, no retry, no second entry', async () => {
    await using town = await nextTown()
    const { network, gateway, owner, alice } = town
    const group = await network.group('Team', [owner, alice])
    const ids: string[] = []
    // pkmsg · msg · key and skmsg · skmsg
    for (const [text, to] of [
      ['first', owner],
      ['second', owner],
      ['third', group],
      ['fourth', group],
    ] as const) {
      ids.push(await alice.says(text, { to }))
      await messageIn(gateway, isText(text))
    }
    await dieAndComeBack(gateway)
    await network.faults.redeliver(owner, ids)
    for (const id of ids) {
      const record = await network.messageWhen(id, ({ receipts }) => receipts.length > 1)
      expect(record).toMatchObject({ retries: 0, errors: [] })
    }
    expect(textsIn(await entriesOf(gateway))).toEqual(['first', 'second', 'third', 'fourth'])
  })

  it('is answered as well once the host has confirmed it and its plaintext is forgotten', async () => {
    await using town = await nextTown()
    const { network, gateway, owner, alice } = town
    const id = await alice.says('settled', { to: owner })
    await messageIn(gateway, isText('settled'))
    const through = (await entriesOf(gateway)).at(-1)?.seq ?? 0
    await gateway.supervisor.call('journal.confirm', { ...gateway.account, through })
    await network.faults.redeliver(owner, [id])
    const record = await network.messageWhen(id, ({ receipts }) => receipts.length > 1)
    expect(record).toMatchObject({ retries: 0, errors: [] })
    await alice.says('and on', { to: owner })
    await messageIn(gateway, isText('and on'))
    expect(textsIn(await entriesOf(gateway))).toEqual(['and on'])
    await gateway.supervisor.stop()
    const file = new Database(gateway.file, { readonly: true })
    expect(file.prepare('SELECT count(*) FROM plaintexts WHERE plaintext IS NOT NULL').pluck().get()).toBe(1)
    expect(file.prepare('SELECT count(*) FROM stanzas WHERE stanza IS NOT NULL').pluck().get()).toBe(0)
    const tally = Object.fromEntries(file.prepare('SELECT name, count FROM tally').raw().all() as [string, number][])
    file.close()
    const { received = 0, ...outcomes } = tally
    expect(received).toBe(Object.values(outcomes).reduce((sum, each) => sum + each, 0))
    expect(outcomes).toMatchObject({ message: 2, repeated: 1 })
  })
})

describe('F3: killed after the receipt', () => {
  it('hands over what it had received with the network down', async () => {
    await using town = await nextTown()
    const { network, stateFolder, gateway, owner, alice } = town
    const id = await alice.says('acknowledged', { to: owner })
    await network.messageWhen(id, ({ receipts }) => receipts.length > 0)
    process.kill(gateway.supervisor.pid() ?? 0, 'SIGKILL')
    await network.faults.door('refuse')
    await gateway.supervisor.stop()
    await using next = await startGateway({ network, stateFolder, org: gateway.account.org })
    await next.open()
    expect(textsIn(await entriesOf(next))).toContain('acknowledged')
    expect(next.events[0]).toMatchObject({ event: 'journal' })
  })
})

describe('F4 and F30: the end of the offline messages is withheld', () => {
  it('delays nothing, and a kill meanwhile loses nothing', async () => {
    await using town = await nextTown()
    const { network, gateway, owner, alice } = town
    await gateway.supervisor.call('account.close', gateway.account)
    const texts = Array.from({ length: 100 }, (_each, index) => `offline ${index}`)
    for (const text of texts) await alice.says(text, { to: owner })
    await network.faults.withholdOffline(owner, true)
    const after = gateway.events.length
    await gateway.open()
    await gateway.connection('connected', after)
    await messageIn(gateway, isText('offline 99'))
    const sentAt = Date.now()
    await alice.says('live', { to: owner })
    await messageIn(gateway, isText('live'))
    expect(Date.now() - sentAt).toBeLessThan(2_000)
    await dieAndComeBack(gateway)
    await alice.says('afterwards', { to: owner })
    await messageIn(gateway, isText('afterwards'))
    expect(textsIn(await entriesOf(gateway))).toEqual([...texts, 'live', 'afterwards'])
  })
})

describe('F8: many sends to a group at once', () => {
  it('are all read by its members, who write meanwhile, also after a kill among them', async () => {
    await using town = await nextTown()
    const { network, gateway, owner, alice, bob } = town
    const group = await network.group('Team', [owner, alice, bob])
    const chat = { kind: 'group' as const, group: group.id as GroupId }
    const say = (index: number) => gateway.say(chat, `3EB0${String(index).padStart(18, '0')}`, `to all ${index}`)
    const first = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    const said = [alice, bob].flatMap(phone => first.map(each => phone.says(`${phone.name} ${each}`, { to: group })))
    expect(await Promise.all(first.map(say))).toEqual(first.map(() => ({ outcome: 'sent' })))
    await Promise.all(said)
    for (const phone of [alice, bob])
      for (const each of first) await messageIn(gateway, isText(`${phone.name} ${each}`))
    const cutOff = [10, 11, 12].map(each => say(each).catch(() => null))
    await dieAndComeBack(gateway)
    await Promise.all(cutOff)
    const last = [13, 14, 15]
    await Promise.all(last.map(say))
    for (const each of [...first, ...last]) await Promise.all([alice, bob].map(phone => phone.hears(`to all ${each}`)))
    expect((await network.ledger()).undecryptable).toEqual([])
  })
})

describe('F16: another process that wants the file', () => {
  it('gets no lock, and holds nothing up', async () => {
    await using town = await nextTown()
    const { gateway, owner, alice } = town
    const other = new Database(gateway.file, { timeout: 0 })
    expect(() => other.exec('BEGIN EXCLUSIVE')).toThrow(/locked|busy/)
    other.close()
    await alice.says('all the same', { to: owner })
    await messageIn(gateway, isText('all the same'))
  })
})

describe('F34: what cannot be decrypted', () => {
  it('is a row within a second, and the message follows under the same identity', async () => {
    await using town = await nextTown()
    const { network, gateway, owner, alice } = town
    const group = await network.group('Team', [owner, alice])
    for (const to of [owner, group]) {
      const text = to === owner ? 'said twice' : 'said twice to all'
      const sentAt = Date.now()
      const id = await alice.says(text, { to, garbled: 1 })
      const row = await messageIn(gateway, each => each.stanzaId === id && each.content.kind === 'undecryptable')
      expect(Date.now() - sentAt).toBeLessThan(1_000)
      const message = await messageIn(gateway, isText(text))
      expect(message).toMatchObject({ stanzaId: id, sender: row.sender, chat: row.chat, edits: null })
    }
    expect((await entriesOf(gateway)).filter(entry => entry.kind === 'message')).toHaveLength(4)
  })
})

describe('F35: a sender whose messages nobody can ever decrypt', () => {
  it('holds no other sender up, and is asked at most five times for each', async () => {
    await using town = await nextTown()
    const { network, gateway, owner, alice, bob } = town
    const ids: string[] = []
    for (let index = 0; index < 20; index++) ids.push(await alice.says(`lost ${index}`, { to: owner, garbled: 99 }))
    const sentAt = Date.now()
    await bob.says('not me', { to: owner })
    await messageIn(gateway, isText('not me'))
    // Baileys' own pause after each of the hundred retry receipts would have taken 25 s.
    expect(Date.now() - sentAt).toBeLessThan(10_000)
    for (const id of ids) {
      await messageIn(gateway, each => each.stanzaId === id && each.content.kind === 'undecryptable')
      expect((await network.message(id)).retries).toBeLessThanOrEqual(5)
    }
    const rows = (await entriesOf(gateway)).filter(
      entry => entry.kind === 'message' && entry.message.content.kind === 'undecryptable',
    )
    expect(rows).toHaveLength(ids.length)
  })
})

describe('F48: what only the own phone may say, said by a stranger', () => {
  it('is no entry and changes nothing', async () => {
    await using town = await nextTown()
    const { gateway, owner, alice } = town
    const { Type } = proto.Message.ProtocolMessage
    const keys = [{ keyId: { keyId: Buffer.from('planted') }, keyData: { keyData: Buffer.alloc(32) } }]
    const spoofs: proto.Message.IProtocolMessage[] = [
      { type: Type.APP_STATE_SYNC_KEY_SHARE, appStateSyncKeyShare: { keys } },
      { type: Type.HISTORY_SYNC_NOTIFICATION, historySyncNotification: { syncType: 3, fileLength: 1 } },
      { type: Type.PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE, peerDataOperationRequestResponseMessage: {} },
    ]
    for (const protocolMessage of spoofs) {
      await alice.sends(proto.Message.encode({ protocolMessage }).finish(), { to: owner })
    }
    await alice.says('only this', { to: owner })
    await messageIn(gateway, isText('only this'))
    expect((await entriesOf(gateway)).filter(entry => entry.kind === 'message')).toHaveLength(1)
    await gateway.supervisor.stop()
    const file = new Database(gateway.file, { readonly: true })
    const planted = file.prepare("SELECT count(*) FROM keys WHERE type = 'app-state-sync-key' AND id = ?")
    expect(planted.pluck().get(Buffer.from('planted').toString('base64'))).toBe(0)
    file.close()
  })
})

describe('a message taken back', () => {
  it('is an entry that names it', async () => {
    await using town = await nextTown()
    const { gateway, owner, alice } = town
    const id = await alice.says('never mind', { to: owner })
    const protocolMessage = { type: proto.Message.ProtocolMessage.Type.REVOKE, key: { id, fromMe: true } }
    await alice.sends(proto.Message.encode({ protocolMessage }).finish(), { to: owner })
    const revoke = await messageIn(gateway, ({ content }) => content.kind === 'revoke')
    expect(revoke).toMatchObject({ chat: chatWith(alice), content: { kind: 'revoke', target: id } })
  })
})
