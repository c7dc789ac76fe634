import { describe, expect, it, vi } from 'vitest'

import { claimed } from '../../../plugin/contract/claimed.ts'
import type { Turn } from '../../../plugin/contract/host.ts'
import { parseAccountName, parseOrgId } from '../../../plugin/contract/ids.ts'
import type { GateDecision } from '../../../plugin/contract/policy.ts'
import { takeTurns } from '../../support/taken-turns.ts'
import { echo } from '../../support/host.ts'
import {
  ALICE,
  BOB,
  GROUP,
  ORG,
  OUR_NUMBER,
  byLid,
  byPhone,
  given,
  linkedStore,
  person,
  textFrom,
} from '../../support/store.ts'
import { type Run, matched, outcomes, running } from '../../support/turns.ts'

/** An agent of which each turn waits until the test lets it go on. */
function heldBack() {
  const begun: string[] = []
  const gates = new Map<string, () => void>()
  const early = new Set<string>()
  const run: Run = async function* run({ message }) {
    begun.push(message.text)
    await new Promise<void>(resolve => (early.has(message.text) ? resolve() : gates.set(message.text, resolve)))
    yield `re: ${message.text}`
  }
  const release = (text: string): void => {
    early.add(text)
    gates.get(text)?.()
  }
  return { begun, run, release }
}

describe('a turn', () => {
  it('hands the agent the message, the facts of the group and a thread, and says what it replies', async () => {
    await using opened = await linkedStore()
    const quoted = claimed({ stanzaId: 'Q', sender: byPhone(BOB), text: 'earlier' })
    await matched(
      opened.store,
      textFrom(ALICE, 'status', { chat: GROUP, mentioned: true, senderName: 'Alice', quoted }),
      textFrom(byLid(BOB), 'hi'),
    )
    const seen: Turn[] = []
    await using turns = await running(opened.store, async function* run(turn) {
      seen.push(turn)
      yield 'all is well'
    })
    await turns.line('turn ended', 2)
    const [first, second] = seen.toSorted((one, other) => one.id.localeCompare(other.id))
    expect(first).toMatchObject({
      org: ORG,
      agent: 'echo',
      message: { channel: 'whatsapp', from: ALICE.phone, to: OUR_NUMBER, text: 'status', media: [] },
      facts: {
        isGroup: true,
        group: '120363000000000001@g.us',
        mentioned: true,
        senderName: 'Alice',
        quoted: { messageId: null, from: BOB.phone, text: 'earlier', claimed: true },
      },
    })
    expect(second).toMatchObject({ message: { from: `lid:${BOB.lid}` }, facts: { isGroup: false, quoted: null } })
    expect(seen[0]?.message.thread).not.toBe(seen[1]?.message.thread)
    expect(seen[0]?.id).toMatch(/^trn_[0-9A-Z]{26}$/)
    expect(seen[0]?.requestId).toMatch(/^req_[0-9A-Z]{26}$/)
    expect(turns.said.map(({ text }) => text)).toEqual(['all is well', 'all is well'])
  })

  it('keeps one thread for a chat, whichever address its peer has', async () => {
    await using opened = await linkedStore()
    await matched(
      opened.store,
      textFrom(byLid(ALICE), 'one'),
      textFrom(ALICE, 'two'),
      textFrom(byPhone(ALICE), 'three'),
    )
    const threads = new Set<string>()
    await using turns = await running(opened.store, async function* run({ message }) {
      threads.add(message.thread)
      yield* []
    })
    await turns.line('turn ended', 3)
    expect(threads.size).toBe(1)
    expect(await outcomes(opened.store)).toEqual(['one → no_reply', 'two → no_reply', 'three → no_reply'])
  })

  it('comes after the earlier turns of its chat, and waits for no other chat', async () => {
    await using opened = await linkedStore()
    await matched(opened.store, textFrom(ALICE, 'stuck'), textFrom(ALICE, 'behind'), textFrom(BOB, 'elsewhere'))
    const { begun, run, release } = heldBack()
    await using turns = await running(opened.store, run)
    release('elsewhere')
    await turns.line('turn ended')
    expect(begun).toEqual(['stuck', 'elsewhere'])
    expect(await outcomes(opened.store)).toEqual(['stuck → matched', 'behind → matched', 'elsewhere → answered'])
    release('behind')
    release('stuck')
    await turns.line('turn ended', 3)
    expect(begun).toEqual(['stuck', 'elsewhere', 'behind'])
    expect(turns.said.map(({ text }) => text)).toEqual(['re: elsewhere', 're: stuck', 're: behind'])
  })

  it('is tried three times when the agent throws, whose words reach neither the chat nor the log', async () => {
    await using opened = await linkedStore()
    await matched(opened.store, textFrom(ALICE, 'go'), textFrom(ALICE, 'on'), textFrom(BOB, 'elsewhere'))
    const attempts: number[] = []
    await using turns = await running(opened.store, async function* run(turn) {
      if (turn.message.text === 'go') {
        attempts.push(turn.attempt)
        throw new Error('password is hunter2')
      }
      yield* echo(turn)
    })
    expect((await turns.line('turn failed')).fields).toMatchObject({ status: 'queued', code: 'agent_failed' })
    expect((await turns.line('turn ended', 2)).fields).toMatchObject({ status: 'dead_letter', code: 'agent_failed' })
    await turns.line('turn ended', 3)
    expect(attempts).toEqual([1, 2, 3])
    expect(await outcomes(opened.store)).toEqual(['go → dead_letter', 'on → answered', 'elsewhere → answered'])
    expect(turns.said.map(({ text }) => text)).toEqual(['elsewhere', 'on'])
    expect(JSON.stringify(turns.lines)).not.toContain('hunter2')
  })

  it('fails at its deadline, tells the agent so, and lets the next one of its chat begin after the last attempt', async () => {
    await using opened = await linkedStore()
    await matched(opened.store, textFrom(ALICE, 'hang'), textFrom(ALICE, 'next'))
    const aborted: string[] = []
    await using turns = await running(
      opened.store,
      async function* run(turn) {
        if (turn.message.text === 'hang') {
          turn.signal.addEventListener('abort', () => aborted.push(turn.message.text))
          await new Promise(() => undefined)
        }
        yield* echo(turn)
      },
      { turnDeadlineMs: 50 },
    )
    expect((await turns.line('turn ended')).fields).toMatchObject({ status: 'dead_letter', code: 'deadline' })
    await turns.line('turn ended', 2)
    expect(aborted).toEqual(['hang', 'hang', 'hang'])
    expect(await outcomes(opened.store)).toEqual(['hang → dead_letter', 'next → answered'])
  })

  it.each([30, 50, 70, 90])(
    'is tried again when it falls due while the next ones are looked for: %i ms between two looks at the clock',
    async stepMs => {
      await using opened = await linkedStore()
      await matched(opened.store, textFrom(ALICE, 'go'))
      let fails = true
      let instant = Date.now()
      using _clock = vi.spyOn(Date, 'now').mockImplementation(() => (instant += stepMs))
      await using turns = await running(opened.store, async function* run(turn) {
        if (fails) {
          fails = false
          throw new Error('once')
        }
        yield* echo(turn)
      })
      expect((await turns.line('turn ended')).fields).toMatchObject({ status: 'answered', attempt: 2 })
    },
  )

  it('runs again after a restart, with the same replies under the same ids', async () => {
    await using opened = await linkedStore()
    await matched(opened.store, textFrom(ALICE, 'first'), textFrom(ALICE, 'second'))
    const before = await new Promise<Awaited<ReturnType<typeof running>>>(resolve => {
      const made = running(opened.store, async function* run({ message }) {
        yield `re: ${message.text}`
        resolve(made)
        await new Promise(() => undefined)
      })
    })
    await before.turns.close()
    expect(await outcomes(opened.store)).toEqual(['first → matched', 'second → matched'])
    await using again = await opened.reopened()
    await using after = await running(again.store, async function* run({ message }) {
      yield `re: ${message.text}`
    })
    await after.line('turn ended', 2)
    expect(after.said[0]?.said).toBe(before.said[0]?.said)
    expect(await outcomes(again.store)).toEqual(['first → answered', 'second → answered'])
  })

  it('shuts its gate behind itself', async () => {
    await using opened = await linkedStore()
    await matched(opened.store, textFrom(ALICE, 'go'))
    const status = { tool: 'service.status', effect: 'read', arguments: {} } as const
    const decisions: GateDecision[] = []
    const gates: Turn['gate'][] = []
    await using turns = await running(opened.store, async function* run({ gate }) {
      gates.push(gate)
      decisions.push(await gate(status), await gate({ ...status, effect: 'write' }))
      yield 'done'
    })
    await turns.line('turn ended')
    for (const gate of gates) decisions.push(await gate(status))
    expect(decisions.map(({ decision }) => decision)).toEqual(['allow', 'approval_required', 'deny'])
  })

  it('runs beside many others, but not beside all', async () => {
    await using opened = await linkedStore()
    const senders = Array.from({ length: 70 }, (_, at) => person(null, `9725000001${at + 10}`))
    await matched(opened.store, ...senders.map(sender => textFrom(sender, 'hang')))
    await using turns = await running(opened.store, heldBack().run)
    await turns.line('turn begun', 64)
    expect(turns.lines.filter(({ event }) => event === 'turn begun')).toHaveLength(64)
  })
})

describe('the next turns', () => {
  it('are the first of each chat, of every org and account, and of none that has one running', async () => {
    await using opened = await linkedStore()
    const chats = [ALICE, ALICE, BOB, BOB, person('3', null), person('3', null), person('4', null), person('5', null)]
    await matched(opened.store, ...chats.map((who, index) => textFrom(who, String(index))))
    const queued = await opened.store.connection.selectFrom('turns').select(['id', 'chat_key']).orderBy('id').execute()
    const places = { account: given(parseAccountName('second')), org: given(parseOrgId('org_zzz')) }
    const move = (index: number, to: { account?: typeof places.account; org?: typeof places.org }) =>
      opened.store.transaction(trx =>
        trx.updateTable('turns').set(to).where('chat_key', '=', given(queued[index]).chat_key).execute(),
      )
    await move(4, { account: places.account })
    await move(6, { account: places.account })
    await move(7, { org: places.org })
    const take = () => opened.store.transaction(trx => takeTurns(trx, 10, Date.now()))
    const firsts = [0, 2, 4, 6, 7].map(index => given(queued[index]).id)
    expect((await take()).map(({ id }) => id)).toEqual(firsts)
    expect(await take()).toEqual([])
  })
})
