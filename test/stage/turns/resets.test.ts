import { describe, expect, it } from 'vitest'

import { claimNumber } from '../../../plugin/store/accounts/accounts.ts'
import { limitsOf } from '../../../plugin/config/send-limits.ts'
import type { TransmitOutcome } from '../../../plugin/contract/delivery.ts'
import { listBindings, replaceBinding } from '../../../plugin/store/accounts/bindings.ts'
import { stagesOn } from '../../support/stages.ts'
import {
  ACCOUNT,
  ALICE,
  BOB,
  GROUP,
  ORG,
  US,
  direct,
  given,
  linkedStore,
  person,
  textFrom,
} from '../../support/store.ts'
import { outcomes } from '../../support/turns.ts'

const FRESH_START = 'A fresh start: what was said before this does not count any more.'

/** All stages, with an agent that answers everybody and a trigger that begins conversations anew. */
async function resettable(
  opened: Awaited<ReturnType<typeof linkedStore>>,
  ...[more]: Parameters<typeof stagesOn>[1][]
) {
  const stages = await stagesOn(opened.store, { bindings: [{}], ...more })
  stages.settings.resetTrigger = '/reset'
  return stages
}

describe('the trigger', () => {
  it('restarts the conversation, asks no agent, and is answered once', async () => {
    await using opened = await linkedStore()
    await using stages = await resettable(opened)
    await stages.receive(textFrom(ALICE, 'my name is Alice'))
    await stages.line('turn ended')
    const trigger = textFrom(ALICE, ' /RESET\n')
    await stages.receive(trigger, trigger)
    await stages.receive(trigger, textFrom(ALICE, 'who am I?'))
    await stages.line('turn ended', 2)
    await stages.receive(textFrom(ALICE, 'and now?'))
    await stages.line('turn ended', 3)
    await expect.poll(() => stages.gateway.texts).toHaveLength(4)
    expect(stages.gateway.texts.filter(text => text === FRESH_START)).toHaveLength(1)
    expect(stages.seen.map(({ message }) => message.text)).toEqual(['my name is Alice', 'who am I?', 'and now?'])
    expect(stages.toldAt('who am I?')).toEqual([])
    expect(stages.toldAt('and now?')).toEqual(['person: who am I?', 'agent: re: who am I?'])
    expect((await outcomes(opened.store)).slice(2, 4)).toEqual([' /RESET\n → reset', `${FRESH_START} → sent`])
  })

  it('is answered once also when the process dies before that has gone out', async () => {
    await using opened = await linkedStore()
    const first = await resettable(opened)
    let cut: (outcome: TransmitOutcome) => void = () => undefined
    first.gateway.answer = () => new Promise(resolve => (cut = resolve))
    const trigger = textFrom(ALICE, '/reset')
    await first.receive(trigger)
    await expect.poll(() => first.gateway.texts).toEqual([FRESH_START])
    const [before] = first.gateway.transmissions
    await using again = await opened.reopened()
    cut({ outcome: 'unknown' })
    await first[Symbol.asyncDispose]()
    await using second = await stagesOn(again.store)
    second.settings.resetTrigger = '/reset'
    // The journal was not told that it may forget.
    await second.receive(trigger)
    await expect.poll(() => second.gateway.texts).toEqual([FRESH_START])
    expect(second.gateway.transmissions[0]).toMatchObject({
      stanzaId: given(before).stanzaId,
      bytes: given(before).bytes,
    })
    await expect.poll(() => outcomes(again.store)).toEqual(['/reset → reset', `${FRESH_START} → sent`])
  })

  it('is kept with its answer or not at all', async () => {
    await using opened = await linkedStore()
    await using stages = await resettable(opened)
    const broken = textFrom(BOB, 'x')
    stages.gateway.receive(textFrom(ALICE, '/reset'))
    stages.gateway.append({
      kind: 'message',
      message: { ...broken, content: JSON.parse('null') as typeof broken.content },
    })
    await stages.receive()
    expect(await outcomes(opened.store)).toEqual([])
    stages.gateway.journal.length = 1
    await stages.receive()
    await expect.poll(() => stages.gateway.texts).toEqual([FRESH_START])
  })

  it('is an ordinary text where the settings name none, within a longer one, and as a caption', async () => {
    await using opened = await linkedStore()
    await using stages = await resettable(opened)
    const media = {
      kind: 'image',
      mime: null,
      sizeBytes: 1,
      fileName: null,
      seconds: null,
      viewOnce: false,
      album: null,
    } as const
    await stages.receive(
      textFrom(ALICE, 'please /reset'),
      textFrom(ALICE, '', { content: { kind: 'media', media, caption: '/reset' } }),
    )
    await stages.line('turn ended', 2)
    stages.settings.resetTrigger = null
    await stages.receive(textFrom(ALICE, '/reset'))
    await stages.line('turn ended', 3)
    expect(stages.seen).toHaveLength(3)
  })

  it('is heard from those alone whom a binding would answer, as soon as it would', async () => {
    await using opened = await linkedStore()
    await using stages = await resettable(opened, { bindings: [{ rule: { from: given(ALICE.phone) } }] })
    await stages.receive(textFrom(BOB, '/reset'), textFrom(US, '/reset', { fromMe: true, chat: direct(ALICE) }))
    expect(await outcomes(opened.store)).toEqual(['/reset → unmatched: no_binding', '/reset → ignored: own'])
    await opened.store.transaction(async trx => {
      const [binding] = await listBindings(trx, ORG)
      await replaceBinding(trx, { ...given(binding), rule: {} })
    })
    const [waiting] = await opened.store.connection.selectFrom('messages').select('id').orderBy('seq').execute()
    await stages.inbox.replay(ORG, given(waiting).id)
    await stages.receive()
    await expect.poll(() => stages.gateway.texts).toEqual([FRESH_START])
    expect((await outcomes(opened.store))[0]).toBe('/reset → reset')
    expect(stages.seen).toEqual([])
  })

  it('waits for the link to have been shown, as everything does', async () => {
    await using opened = await linkedStore()
    await using stages = await resettable(opened)
    const phone = given(person(null, '972500000099').phone)
    await claimNumber(opened.store.connection, ACCOUNT, phone)
    await stages.receive(textFrom(ALICE, '/reset', { receiver: { lid: null, phone } }))
    expect(await outcomes(opened.store)).toEqual(['/reset → unmatched: link_unconfirmed'])
    await stages.inbox.confirmLink(ACCOUNT, phone)
    expect((await outcomes(opened.store))[0]).toBe('/reset → reset')
  })

  it('of one participant leaves the conversations of the others as they are', async () => {
    await using opened = await linkedStore()
    await using stages = await resettable(opened, { bindings: [{ conversation: 'participant' }] })
    const says = (who: typeof ALICE, text: string) => textFrom(who, text, { chat: GROUP })
    await stages.receive(says(ALICE, 'a1'), says(BOB, 'b1'))
    await stages.line('turn ended', 2)
    await stages.receive(says(ALICE, '/reset'), says(ALICE, 'a2'), says(BOB, 'b2'))
    await stages.line('turn ended', 4)
    expect(stages.toldAt('a2')).toEqual([])
    expect(stages.toldAt('b2')).toEqual(['person: b1', 'agent: re: b1'])
  })

  it('leaves out the late reply to what was said before it', async () => {
    await using opened = await linkedStore()
    let release = (): void => undefined
    const released = new Promise<void>(resolve => (release = resolve))
    await using stages = await resettable(opened, {
      run: async function* run({ message }) {
        if (message.text === 'slow') await released
        yield `re: ${message.text}`
      },
    })
    await stages.receive(textFrom(ALICE, 'slow'), textFrom(ALICE, '/reset'), textFrom(ALICE, 'new'))
    await expect.poll(() => stages.gateway.texts).toEqual([FRESH_START])
    release()
    await stages.line('turn ended', 2)
    expect(stages.toldAt('new')).toEqual([])
    await stages.receive(textFrom(ALICE, 'newer'))
    await stages.line('turn ended', 3)
    expect(stages.toldAt('newer')).toEqual(['person: new', 'agent: re: new'])
  })

  it('is answered each time: what the chat has no place for yet waits in the outbox', async () => {
    await using opened = await linkedStore()
    await using stages = await resettable(opened)
    stages.settings.pacing = limitsOf({ replies_per_chat_minute: 3 })
    await stages.receive(...Array.from({ length: 5 }, () => textFrom(ALICE, '/reset')))
    await expect.poll(() => stages.gateway.texts).toEqual(Array.from({ length: 5 }, () => FRESH_START))
    expect((await outcomes(opened.store)).filter(line => line === '/reset → reset')).toHaveLength(5)
  })
})
