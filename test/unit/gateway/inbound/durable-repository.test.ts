import { encodeWAMessage } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'

import { watchedDisk } from '../../../support/disk.ts'
import { ALICE_LID, OUR_LID, deliveredAgain, signalPair, stanzaFrom, textIn } from '../../../support/signal-pair.ts'

const GROUP = '120363000000000001@g.us'

type Opened = ReturnType<Awaited<ReturnType<typeof signalPair>>['open']>

const textsOf = ({ file }: Opened) =>
  file.journal
    .pull(0, 1_000)
    .flatMap(entry =>
      entry.kind === 'message' && entry.message.content.kind === 'text' ? [entry.message.content.text] : [],
    )

/** From now on the file cannot grow, as on a full disk. */
const fill = ({ store }: Opened) => {
  store.database.pragma('wal_checkpoint(TRUNCATE)')
  store.database.pragma(`max_page_count = ${String(store.database.pragma('page_count', { simple: true }))}`)
}
const free = ({ store }: Opened) => store.database.pragma('max_page_count = 1000000')
const preKeys = ({ store }: Opened) =>
  store.database.prepare("SELECT count(*) FROM keys WHERE type = 'pre-key'").pluck().get()

describe('a message that is decrypted', () => {
  it('is an entry in the same step, and its ciphertext is answered from the journal from then on', async () => {
    await using pair = await signalPair()
    const ours = pair.open()
    const stanza = await stanzaFrom(pair, 'A1', 'hello')
    expect(textIn(await ours.receive(stanza))).toBe('hello')
    expect(textsOf(ours)).toEqual(['hello'])
    expect(preKeys(ours)).toBe(0)
    ours.crash()

    const next = pair.open()
    expect(textIn(await next.receive(deliveredAgain(stanza)))).toBe('hello')
    next.file.journal.confirm(next.file.journal.head())
    expect(textIn(await next.receive(deliveredAgain(stanza)))).toBe('')
    expect(textIn(await next.receive(await stanzaFrom(pair, 'A2', 'and on')))).toBe('and on')
    expect(textsOf(next)).toEqual(['and on'])
    const { received, pending, outcomes } = next.file.log.tally()
    expect({ received, pending, outcomes }).toEqual({ received: 4, pending: 0, outcomes: { message: 2, repeated: 2 } })
    next.crash()
  })

  it('is completed at the next start when the process died before its ratchet step, without any connection', async () => {
    await using pair = await signalPair()
    const ours = pair.open()
    ours.durability.arrived(await stanzaFrom(pair, 'A1', 'just arrived'))
    expect(ours.file.log.tally()).toMatchObject({ received: 1, pending: 1 })
    ours.crash()
    const next = pair.open()
    await next.recover()
    expect(textsOf(next)).toEqual(['just arrived'])
    expect(next.file.log.tally()).toMatchObject({ received: 1, pending: 0, outcomes: { message: 1 } })
    next.crash()
  })

  it('is not handed on before the disk has it, nor answered for when it cannot be read', async () => {
    await using pair = await signalPair()
    await using disk = watchedDisk()
    const ours = pair.open()
    const [good, bad] = [await stanzaFrom(pair, 'A1', 'hello'), await stanzaFrom(pair, 'A2', 'spoilt')]
    const spoilt = deliveredAgain(bad)
    const [part] = Array.isArray(spoilt.content) ? spoilt.content : []
    if (part?.content instanceof Uint8Array) part.content.fill(7, 40)
    const flushes = disk.flushes
    disk.holds = true
    const settled: string[] = []
    const read = ours.receive(good).then(() => settled.push('read'))
    const unread = ours.receive(spoilt).catch(() => settled.push('unread'))
    await expect.poll(() => ours.file.log.tally().pending).toBe(0)
    expect([settled, disk.flushes - flushes]).toEqual([[], 0])
    disk.release()
    await Promise.all([read, unread])
    expect(settled.toSorted()).toEqual(['read', 'unread'])
    ours.crash()
  })

  it('is not handed over before the disk has it: its number would be given out again', async () => {
    await using pair = await signalPair()
    await using disk = watchedDisk()
    const ours = pair.open()
    const stanza = await stanzaFrom(pair, 'A1', 'hello')
    disk.holds = true
    const read = ours.receive(stanza)
    await expect.poll(() => textsOf(ours)).toEqual(['hello'])
    let taken = 0
    const handedOver = ours.file.handOver(0, 10).then(entries => (taken = entries.length))
    await new Promise(resolve => setImmediate(resolve))
    expect(taken).toBe(0)
    disk.release()
    await Promise.all([read, handedOver])
    expect(taken).toBeGreaterThan(0)
    ours.crash()
  })

  it('cuts the line when the disk refuses to put it down', async () => {
    await using pair = await signalPair()
    await using disk = watchedDisk()
    const ours = pair.open()
    const stanza = await stanzaFrom(pair, 'A1', 'hello')
    disk.refuses = true
    await expect(ours.receive(stanza)).rejects.toThrow('the disk refuses')
    expect(ours.cuts).toEqual(['storage'])
    ours.crash()
  })

  it('cuts the line and changes nothing when the file is full, and is taken when there is room again', async () => {
    await using pair = await signalPair()
    const ours = pair.open()
    const stanza = await stanzaFrom(pair, 'A1', 'x'.repeat(50_000))
    ours.durability.arrived(stanza)
    fill(ours)
    await expect(ours.decryptIn(stanza)).rejects.toThrow(/full/)
    expect(ours.cuts).toEqual(['storage'])
    expect([textsOf(ours), preKeys(ours)]).toEqual([[], 1])
    const next = deliveredAgain(await stanzaFrom(pair, 'A2', 'y'.repeat(50_000)))
    expect(() => ours.durability.arrived(next)).toThrow(/full/)
    expect(ours.cuts).toHaveLength(2)
    free(ours)
    await ours.receive(deliveredAgain(stanza))
    await ours.receive(next)
    expect(textsOf(ours).map(text => text[0])).toEqual(['x', 'y'])
    ours.crash()
  })

  it('is undecryptable first, and itself when the same bytes can be read later', async () => {
    await using pair = await signalPair()
    const ours = pair.open()
    const stanza = await stanzaFrom(pair, 'A1', 'late key')
    const preKey = ours.store.database.prepare("SELECT value FROM keys WHERE type = 'pre-key'").pluck().get()
    ours.store.database.exec("DELETE FROM keys WHERE type = 'pre-key'")
    await expect(ours.receive(stanza)).rejects.toThrow()
    const rows = () =>
      ours.file.journal.pull(0, 10).map(entry => entry.kind === 'message' && entry.message.content.kind)
    expect(rows()).toEqual(['undecryptable'])
    ours.store.database.prepare("INSERT INTO keys (type, id, value) VALUES ('pre-key', '1', ?)").run(preKey)
    await ours.receive(deliveredAgain(stanza))
    expect(rows()).toEqual(['undecryptable', 'text'])
    ours.crash()
  })
})

describe('F8: killed between encryption and sending', () => {
  it('has the step behind it: no counter is used again, and what comes next can be read', async () => {
    await using pair = await signalPair()
    const ours = pair.open()
    await ours.receive(await stanzaFrom(pair, 'A1', 'hello'))
    const data = encodeWAMessage({ conversation: 'same words' })
    const lost = await ours.repository.encryptMessage({ jid: ALICE_LID, data })
    const lostToGroup = await ours.repository.encryptGroupMessage({ group: GROUP, meId: OUR_LID, data })
    ours.crash()
    const next = pair.open()
    const { type, ciphertext } = await next.repository.encryptMessage({ jid: ALICE_LID, data })
    expect(Buffer.from(ciphertext)).not.toEqual(Buffer.from(lost.ciphertext))
    expect(textIn(await pair.alice.decryptMessage({ jid: OUR_LID, type, ciphertext }))).toBe('same words')

    const toGroup = await next.repository.encryptGroupMessage({ group: GROUP, meId: OUR_LID, data })
    const item = { groupId: GROUP, axolotlSenderKeyDistributionMessage: lostToGroup.senderKeyDistributionMessage }
    await pair.alice.processSenderKeyDistributionMessage({ item, authorJid: OUR_LID })
    for (const msg of [lostToGroup.ciphertext, toGroup.ciphertext]) {
      const heard = await pair.alice.decryptGroupMessage({ group: GROUP, authorJid: OUR_LID, msg })
      expect(textIn(heard)).toBe('same words')
    }
    next.crash()
  })

  it('tells no ciphertext whose step could not be kept', async () => {
    await using pair = await signalPair()
    const ours = pair.open()
    await ours.receive(await stanzaFrom(pair, 'A1', 'hello'))
    ours.store.database.pragma('query_only = 1')
    const data = encodeWAMessage({ conversation: 'x' })
    await expect(ours.repository.encryptMessage({ jid: ALICE_LID, data })).rejects.toThrow()
    await expect(ours.repository.encryptGroupMessage({ group: GROUP, meId: OUR_LID, data })).rejects.toThrow()
    expect(ours.cuts.length).toBeGreaterThan(0)
    ours.crash()
  })
})

describe('sending and receiving at once', () => {
  it('overwrites no step of the same session, and none of the same group', async () => {
    await using pair = await signalPair()
    const ours = pair.open()
    await ours.receive(await stanzaFrom(pair, 'A0', 'hello'))
    const stanzas = []
    for (let index = 0; index < 30; index++) stanzas.push(await stanzaFrom(pair, `B${index}`, `in ${index}`))
    const data = (index: number) => encodeWAMessage({ conversation: `out ${index}` })
    const received = stanzas.map(stanza => ours.receive(stanza))
    const sent = stanzas.map((_each, index) => ours.repository.encryptMessage({ jid: ALICE_LID, data: data(index) }))
    const toGroup = stanzas.map((_each, index) =>
      ours.repository.encryptGroupMessage({ group: GROUP, meId: OUR_LID, data: data(index) }),
    )
    expect((await Promise.all(received)).map(textIn)).toEqual(stanzas.map((_each, index) => `in ${index}`))
    const heard = []
    for (const { type, ciphertext } of await Promise.all(sent)) {
      heard.push(textIn(await pair.alice.decryptMessage({ jid: OUR_LID, type, ciphertext })))
    }
    const groupMessages = await Promise.all(toGroup)
    const key = groupMessages[0]?.senderKeyDistributionMessage ?? new Uint8Array()
    const item = { groupId: GROUP, axolotlSenderKeyDistributionMessage: key }
    await pair.alice.processSenderKeyDistributionMessage({ item, authorJid: OUR_LID })
    const heardInGroup = []
    for (const { ciphertext: msg } of groupMessages) {
      heardInGroup.push(textIn(await pair.alice.decryptGroupMessage({ group: GROUP, authorJid: OUR_LID, msg })))
    }
    const expected = stanzas.map((_each, index) => `out ${index}`)
    expect([heard, heardInGroup]).toEqual([expected, expected])
    expect(textsOf(ours)).toEqual(['hello', ...stanzas.map((_each, index) => `in ${index}`)])
    ours.crash()
  })
})

describe('a session that is begun anew', () => {
  it('is readable to the other side though what was written before it came after it', async () => {
    await using pair = await signalPair()
    const ours = pair.open()
    const data = encodeWAMessage({ conversation: 'hello Alice' })
    const say = async (): Promise<string> => {
      const { type, ciphertext } = await ours.repository.encryptMessage({ jid: ALICE_LID, data })
      return textIn(await pair.alice.decryptMessage({ jid: OUR_LID, type, ciphertext }))
    }
    await ours.receive(await stanzaFrom(pair, 'A1', 'hello'))
    expect(await say()).toBe('hello Alice')
    const onTheWay = await stanzaFrom(pair, 'A2', 'on the way')
    await ours.repository.injectE2ESession({ jid: ALICE_LID, session: pair.aliceBundle })
    expect(textIn(await ours.receive(onTheWay))).toBe('on the way')
    expect(await say()).toBe('hello Alice')
    ours.crash()
  })
})
