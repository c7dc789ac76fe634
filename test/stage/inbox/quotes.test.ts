import { describe, expect, it } from 'vitest'

import { claimed } from '../../../plugin/contract/claimed.ts'
import type { Artifact } from '../../../plugin/contract/artifact.ts'
import type { MessageContent } from '../../../plugin/contract/content.ts'
import type { QuotedFact, Turn } from '../../../plugin/contract/host.ts'
import type { InboundMessage } from '../../../plugin/contract/message.ts'
import { MessageFeed } from '../../../plugin/history/message-feed.ts'
import { settleFile } from '../../../plugin/store/messages/attachments.ts'
import type { Store } from '../../../plugin/store/database.ts'
import { dueFiles } from '../../../plugin/store/messages/due-files.ts'
import { listMessages } from '../../../plugin/store/messages/messages.ts'
import { unholdTurns } from '../../../plugin/store/turns/turns.ts'
import { listTurns } from '../../../plugin/store/turns/turn-queries.ts'
import { alone } from '../../support/alone.ts'
import { stagesOn } from '../../support/stages.ts'
import {
  ALICE,
  BOB,
  byLid,
  byPhone,
  given,
  GROUP,
  linkedStore,
  ORG,
  person,
  textFrom,
  US,
} from '../../support/store.ts'

const media = { kind: 'image', mime: null, sizeBytes: null, fileName: null, seconds: null, viewOnce: false } as const
const PICTURE: MessageContent = { kind: 'media', media: { ...media, album: null }, caption: 'the rack' }
const ARTIFACT: Artifact = { id: 'art_1', mime: 'image/png', sizeBytes: 3, sha256: 'ab', fileName: null }

const inGroup = (sender: typeof ALICE, text: string, more: Partial<InboundMessage> = {}): InboundMessage =>
  textFrom(sender, text, { chat: GROUP, ...more })

/** A message that quotes another, and claims that it says this. */
const quoting = (
  { stanzaId, sender, chat }: Pick<InboundMessage, 'stanzaId' | 'sender' | 'chat'>,
  claims: string | null = null,
  by = ALICE,
): InboundMessage => textFrom(by, 'ask', { chat, quoted: claimed({ stanzaId, sender, text: claims }) })

type Stages = Awaited<ReturnType<typeof stagesOn>>

const quotedAt = ({ seen }: Stages, text = 'ask'): QuotedFact =>
  given(given(seen.findLast(({ message }: Turn) => message.text === text)).facts.quoted)

/** The file of the message that waits longest is there. */
async function fetchFirst(store: Store, turns: { wake(): void }): Promise<void> {
  const [file] = await dueFiles(store.connection, { now: Date.now(), most: 1 })
  await store.transaction(async trx => {
    await settleFile(trx, given(file).messageId, { artifact: ARTIFACT })
    await unholdTurns(trx, given(file).messageId)
  })
  turns.wake()
}

const asks = { rule: { text_regex: '^ask$' } }

describe('what a message quotes', () => {
  it.each([
    ['the text that its quote brings', 'the server is down'],
    ['none', null],
    ['another text', 'we owe you a million'],
  ])('is what is kept of it, when its quote brings %s', async (_what, claims) => {
    await using opened = await linkedStore()
    await using stages = await stagesOn(opened.store, { bindings: [asks] })
    const quoted = inGroup(BOB, 'the server is down')
    await stages.receive(quoted, quoting(quoted, claims))
    await stages.line('turn ended')
    const [kept] = await listMessages(opened.store.connection, ORG, { after: 0, limit: 1 })
    expect(quotedAt(stages)).toEqual({
      messageId: given(kept).id,
      from: BOB.phone,
      kind: 'text',
      text: 'the server is down',
      media: [],
      files: [],
      claimed: false,
    })
  })

  it.each([
    ['nobody', null],
    ['its sender by the LID', byLid(BOB)],
    ['its sender by the number', byPhone(BOB)],
  ])('is found when the quote names %s', async (_whom, sender) => {
    await using opened = await linkedStore()
    await using stages = await stagesOn(opened.store, { bindings: [asks] })
    const quoted = inGroup(BOB, 'the server is down')
    await stages.receive(quoted, quoting({ ...quoted, sender: sender as typeof BOB }))
    await stages.line('turn ended')
    expect(quotedAt(stages)).toMatchObject({ from: BOB.phone, text: 'the server is down', claimed: false })
  })

  it.each<[string, (quoted: InboundMessage) => InboundMessage]>([
    ['nobody wrote it', quoted => quoting({ ...quoted, stanzaId: 'NEVER' }, 'I owe you')],
    [
      'another is said to have written it',
      quoted => quoting({ ...quoted, sender: person('333', '972500000009') }, 'I owe you'),
    ],
    [
      'it was written elsewhere',
      quoted => ({ ...quoting(quoted, 'I owe you'), chat: { kind: 'direct', peer: ALICE } }),
    ],
  ])('is no more than a claim when %s', async (_why, ask) => {
    await using opened = await linkedStore()
    await using stages = await stagesOn(opened.store, { bindings: [asks] })
    const quoted = inGroup(BOB, 'the server is down')
    await stages.receive(quoted, ask(quoted))
    await stages.line('turn ended')
    expect(quotedAt(stages)).toMatchObject({ messageId: null, kind: null, text: 'I owe you', media: [], claimed: true })
  })

  it('is told apart by its sender where two have written under one id', async () => {
    await using opened = await linkedStore()
    await using stages = await stagesOn(opened.store, { bindings: [asks] })
    const [one, other] = [inGroup(BOB, 'of Bob'), inGroup(ALICE, 'of Alice')]
    const same = { ...other, stanzaId: one.stanzaId }
    await stages.receive(one, same, quoting(same))
    await stages.line('turn ended')
    expect(quotedAt(stages)).toMatchObject({ from: ALICE.phone, text: 'of Alice' })
    await stages.receive(quoting({ ...one, sender: null as unknown as typeof BOB }, 'which?'))
    await stages.line('turn ended', 2)
    expect(quotedAt(stages)).toMatchObject({ messageId: null, text: 'which?', claimed: true })
  })

  it('is what we said, under the id that it has with us', async () => {
    await using opened = await linkedStore()
    await using stages = await stagesOn(opened.store, { bindings: [{}] })
    await stages.receive(textFrom(ALICE, 'hello'))
    await stages.line('turn ended')
    const [, reply] = await listMessages(opened.store.connection, ORG, { after: 0, limit: 2 })
    const { stanzaId } = given(reply)
    await stages.receive(quoting({ stanzaId, sender: US, chat: { kind: 'direct', peer: ALICE } }, 'you owe me'))
    await stages.line('turn ended', 2)
    expect(quotedAt(stages)).toMatchObject({ from: US.phone, kind: 'text', text: 're: hello', claimed: false })
  })

  it('has its newest text, and none when it was taken back', async () => {
    await using opened = await linkedStore()
    await using stages = await stagesOn(opened.store, { bindings: [asks] })
    const [edited, gone] = [inGroup(BOB, 'frist'), inGroup(BOB, 'not for you')]
    await stages.receive(
      edited,
      gone,
      inGroup(BOB, 'first', { edits: edited.stanzaId }),
      inGroup(BOB, '', { content: { kind: 'revoke', target: gone.stanzaId } }),
      quoting(edited, 'frist'),
    )
    await stages.line('turn ended')
    expect(quotedAt(stages)).toMatchObject({ text: 'first', claimed: false })
    await stages.receive(quoting(gone, 'not for you'))
    await stages.line('turn ended', 2)
    expect(quotedAt(stages)).toMatchObject({ kind: 'revoke', text: null, claimed: false })
    expect(JSON.stringify(quotedAt(stages))).not.toContain('not for you')
  })

  it.each<[string, MessageContent, string | null]>([
    ['a poll', { kind: 'poll', question: 'Lunch?', options: ['Soup'], most: 1 }, 'Lunch?'],
    ['contacts', { kind: 'contacts', contacts: [{ name: 'Dana', phones: ['+1'] }] }, '[contacts] Dana +1'],
    ['a choice', { kind: 'choice', text: 'Tea', description: '', id: 't', answers: [] }, 'Tea'],
    ['an order', { kind: 'order', id: null, title: 'Cart', items: 2, total: null, note: '' }, '[order] Cart 2 items'],
    ['a reaction', { kind: 'reaction', emoji: '👍', target: 'X' }, null],
  ])('has its words when it is %s', async (_what, content, text) => {
    await using opened = await linkedStore()
    await using stages = await stagesOn(opened.store, { bindings: [asks] })
    const quoted = inGroup(BOB, '', { content })
    await stages.receive(quoted, quoting(quoted, 'something else'))
    await stages.line('turn ended')
    expect(quotedAt(stages)).toMatchObject({ kind: content.kind, text, claimed: false })
  })

  it('brings its file, which is fetched for it although nobody was asked about that message', async () => {
    await using opened = await linkedStore()
    await using stages = await stagesOn(opened.store, { bindings: [asks] })
    const picture = inGroup(BOB, '', { content: PICTURE, file: 'f' })
    await stages.receive(picture)
    await stages.receive(quoting(picture))
    expect(stages.seen).toEqual([])
    await fetchFirst(opened.store, stages.turns)
    await stages.line('turn ended')
    const files = [{ kind: 'image', artifact: ARTIFACT, problem: null }]
    expect(quotedAt(stages)).toMatchObject({ kind: 'media', text: 'the rack', media: ['art_1'], files, claimed: false })
  })

  it('is waited for together with the file of the message itself', async () => {
    await using opened = await linkedStore()
    await using stages = await stagesOn(opened.store, { bindings: [{ rule: { text_regex: '^mine$' } }] })
    const picture = inGroup(BOB, '', { content: PICTURE, file: 'f' })
    const mine = { ...quoting(picture), content: { ...PICTURE, caption: 'mine' } as MessageContent, file: 'g' }
    await stages.receive(picture, mine)
    await fetchFirst(opened.store, stages.turns)
    const page = { account: null, status: null, limit: 1, before: null }
    const [turn] = await listTurns(opened.store.connection, ORG, page)
    expect(turn).toMatchObject({ status: 'queued', nextAt: expect.any(Number) as number })
    await fetchFirst(opened.store, stages.turns)
    await stages.line('turn ended')
    expect(stages.seen[0]).toMatchObject({ message: { media: ['art_1'] }, facts: { quoted: { media: ['art_1'] } } })
  })

  it('is shown by the API as it is kept, without words and names of files to those who read none', async () => {
    await using opened = await linkedStore()
    await using stages = await stagesOn(opened.store)
    const picture = inGroup(BOB, '', { content: PICTURE, file: 'f' })
    await stages.receive(picture, quoting(picture, 'a lie'), quoting({ ...picture, stanzaId: 'NEVER' }, 'a lie'))
    const page = { account: null, limit: 3, before: null }
    const [claim, ask, kept] = (await new MessageFeed(opened.store, alone).list(ORG, page)).messages
    expect(ask?.quoted).toMatchObject({
      message_id: given(kept).id,
      from: BOB.phone,
      kind: 'media',
      text: 'the rack',
      media: [{ kind: 'image', artifact_id: null }],
      claimed: false,
    })
    expect(claim?.quoted).toEqual({
      message_id: null,
      from: BOB.phone,
      kind: null,
      text: 'a lie',
      media: [],
      claimed: true,
    })
    expect(kept?.quoted).toBeNull()
  })
})
