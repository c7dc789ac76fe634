import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'

import type { StepOutcome } from '../../../plugin/contract/host.ts'
import type { Gate, ToolCall } from '../../../plugin/contract/policy.ts'
import { type StepParts, Steps, type StepStop } from '../../../plugin/turns/steps.ts'
import type { Store } from '../../../plugin/store/database.ts'
import { stepsOf } from '../../../plugin/store/turns/steps.ts'
import { endTurn, requeueTurns, type StoredTurn } from '../../../plugin/store/turns/turns.ts'
import { takeTurns } from '../../support/taken-turns.ts'
import { unapproved } from '../../support/policies.ts'
import { ALICE, given, linkedStore, textFrom } from '../../support/store.ts'
import { matched } from '../../support/turns.ts'

const ALLOW: Gate = () => Promise.resolve({ decision: 'allow' })
const DENY: Gate = () => Promise.resolve({ decision: 'deny', reason: 'not today' })
const ASK: Gate = () => Promise.resolve({ decision: 'approval_required', reason: 'a person is asked' })
const write = (tool: string, more: Partial<ToolCall> = {}): ToolCall => ({
  tool,
  effect: 'write',
  arguments: {},
  ...more,
})
const read = (tool: string, more: Partial<ToolCall> = {}): ToolCall => write(tool, { effect: 'read', ...more })

/** The turn of a new message, under its first attempt. */
async function begun(store: Store): Promise<StoredTurn> {
  await matched(store, textFrom(ALICE, 'go'))
  return given((await store.transaction(trx => takeTurns(trx, 1, Date.now())))[0])
}

/** What the next process finds of the turn. */
async function begunAgain(store: Store): Promise<StoredTurn> {
  await store.transaction(trx => requeueTurns(trx, { most: Number.POSITIVE_INFINITY, waitMs: () => 0 }))
  return given((await store.transaction(trx => takeTurns(trx, 1, Date.now())))[0])
}

const undecided = () => Promise.resolve({ status: 'pending', id: 'apr_1', until: 0 } as const)

type Tried = StepOutcome | StepStop | 'killed'

/** One attempt: `take` answers with what came of a step, also when the attempt ends at it. */
function attempt(store: Store, turn: StoredTurn, gate: Gate = ALLOW) {
  const seekApproval: StepParts['seekApproval'] = gate === ASK ? undecided : unapproved
  const abort = new AbortController()
  let ends: (why: StepStop) => void = () => undefined
  const stopped = new Promise<StepStop>(resolve => (ends = resolve))
  const steps = new Steps({ store, turn, gate, seekApproval, signal: abort.signal, stop: why => ends(why) })
  const take = (call: ToolCall, execute: () => Promise<unknown>): Promise<Tried> =>
    Promise.race([steps.take(call, execute), stopped])
  /** The process dies while the step is being executed. */
  const dieIn = (call: ToolCall, effect: () => void = () => undefined): Promise<Tried> =>
    new Promise(resolve => {
      void steps.take(call, () => {
        effect()
        resolve('killed')
        return new Promise(() => undefined)
      })
    })
  return { take, dieIn, abort }
}

const done = (result: unknown) => ({ outcome: 'done', result })
const parked = (code: string, step: number) => ({ outcome: 'needs_operator', code, step })
const unwanted = () => Promise.reject(new Error('this is not to be executed'))

describe('a step of a turn', () => {
  it('that is done is answered from the record by every later attempt, and not asked about again', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const call = write('mail.send', { arguments: { to: 'a', body: { b: 1, a: [2] } } })
    const result = { id: 7, at: undefined }
    expect(await attempt(store, await begun(store)).take(call, async () => result)).toEqual(done({ id: 7 }))
    const same = { ...call, arguments: { body: { a: [2], b: 1 }, to: 'a' } }
    const later = attempt(store, await begunAgain(store), DENY)
    expect(await later.take(same, unwanted)).toEqual(done({ id: 7 }))
  })

  it('of unknown outcome parks the turn, and is not executed', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    expect(await attempt(store, await begun(store)).dieIn(write('mail.send'))).toBe('killed')
    const later = attempt(store, await begunAgain(store))
    expect(await later.take(write('mail.send'), async () => 'sent twice')).toEqual(parked('step_unknown', 1))
  })

  it.each([
    ['says that it is idempotent', write('mail.send', { idempotent: true })],
    ['only reads', read('mail.list')],
  ])('of unknown outcome is executed again when its tool %s', async (_, call) => {
    await using opened = await linkedStore()
    const { store } = opened
    await attempt(store, await begun(store)).dieIn(call)
    const later = attempt(store, await begunAgain(store))
    expect(await later.take(call, async () => 'again')).toEqual(done('again'))
  })

  it('that throws is of unknown outcome: a write parks the turn, a read fails the attempt', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const first = attempt(store, await begun(store))
    const throwing = () => Promise.reject(new Error('lost the line'))
    expect(await first.take(read('mail.list'), throwing)).toEqual({ outcome: 'failed', code: 'step_failed' })
    const second = attempt(store, await begunAgain(store))
    expect(await second.take(read('mail.list'), async () => [])).toEqual(done([]))
    expect(await second.take(write('mail.send'), throwing)).toEqual(parked('step_unknown', 2))
  })

  it('whose result is no JSON is of unknown outcome too', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const first = attempt(store, await begun(store))
    expect(await first.take(write('mail.send'), async () => 1n)).toEqual(parked('step_unknown', 1))
  })

  it('that the gate refused is asked about again, and may pass then', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const first = attempt(store, await begun(store), DENY)
    expect(await first.take(write('mail.send'), unwanted)).toMatchObject({ outcome: 'refused' })
    const later = attempt(store, await begunAgain(store))
    expect(await later.take(write('mail.send'), async () => 'sent')).toEqual(done('sent'))
  })

  it('that differs from the recorded one parks the turn when something was done there or behind it', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const first = attempt(store, await begun(store))
    await first.take(read('mail.list'), async () => 1)
    await first.take(write('mail.send'), async () => 2)
    const later = attempt(store, await begunAgain(store))
    expect(await later.take(write('mail.send'), unwanted)).toEqual(parked('step_differs', 1))
  })

  it('that differs where only reads were recorded goes its new way, and forgets the old one', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const first = attempt(store, await begun(store))
    await first.take(write('mail.send'), async () => 1)
    await first.take(read('mail.list'), async () => 2)
    await first.take(read('mail.count'), async () => 3)
    const later = attempt(store, await begunAgain(store))
    expect(await later.take(write('mail.send'), unwanted)).toEqual(done(1))
    expect(await later.take(read('mail.find'), async () => 20)).toEqual(done(20))
    expect(await later.take(read('mail.count'), async () => 30)).toEqual(done(30))
  })

  it('that cannot be judged is another one than what was done in its place, which is kept', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const odd = write('mail.send', { arguments: { size: 1n } })
    const first = attempt(store, await begun(store))
    expect(await first.take(odd, unwanted)).toMatchObject({ outcome: 'refused' })
    await first.take(write('mail.send'), async () => 'sent')
    const later = attempt(store, await begunAgain(store))
    await later.take(odd, unwanted)
    expect(await later.take(odd, unwanted)).toEqual(parked('step_differs', 2))
    const last = attempt(store, await begunAgain(store))
    await last.take(odd, unwanted)
    expect(await last.take(write('mail.send'), unwanted)).toEqual(done('sent'))
  })

  it.each([
    ['refused', DENY],
    ['left to wait for an approval', ASK],
  ])('of unknown outcome stays one when it is %s later', async (_, gate) => {
    await using opened = await linkedStore()
    const { store } = opened
    const call = write('mail.send', { idempotent: true })
    await attempt(store, await begun(store)).dieIn(call)
    expect(await attempt(store, await begunAgain(store), gate).take(call, unwanted)).not.toMatchObject(parked('', 1))
    const last = attempt(store, await begunAgain(store))
    const other = { ...call, arguments: { to: 'b' } }
    expect(await last.take(other, unwanted)).toEqual(parked('step_differs', 1))
  })

  it('of unknown outcome stays one when a later attempt is over before it begins it', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const call = write('mail.send', { idempotent: true })
    await attempt(store, await begun(store)).dieIn(call)
    const turn = await begunAgain(store)
    const transactions = vi.spyOn(store, 'transaction')
    const over: Gate = () => (later.abort.abort(), Promise.resolve({ decision: 'allow' }))
    const later = attempt(store, turn, over)
    void later.take(call, unwanted)
    await expect
      .poll(() => transactions.mock.settledResults.map(({ type }) => type))
      .toEqual(['fulfilled', 'fulfilled'])
    expect((await stepsOf(store.connection, turn.id)).get(1)).toMatchObject({ status: 'started' })
  })

  it('is not begun by an attempt that is over, and what that attempt learns late is kept', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const turn = await begun(store)
    const first = attempt(store, turn)
    let answer: (result: string) => void = () => undefined
    const underWay = new Promise<Tried>(resolve => {
      const late = first.take(write('mail.send'), () => {
        resolve('killed')
        return new Promise(reply => (answer = reply))
      })
      void late
    })
    await underWay
    await begunAgain(store)
    void first.take(write('mail.archive'), unwanted)
    answer('sent after all')
    await expect
      .poll(async () => [...(await stepsOf(store.connection, turn.id)).values()])
      .toMatchObject([{ n: 1, status: 'done', result: '"sent after all"' }])
  })
})

const aStep = fc.record({ effect: fc.constantFrom('read', 'write', undefined), idempotent: fc.boolean() })
const aDeath = fc.record({ at: fc.nat(5), when: fc.constantFrom('before', 'after', 'between') })
type Death = { at: number; when: string }

describe('whatever its steps are, and wherever its process dies', () => {
  it('does no effect twice, and comes to its end or to a person', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const steps = fc.array(aStep, { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(steps, fc.array(aDeath, { maxLength: 5 }), async (script, deaths) => {
        const effects = script.map(() => 0)
        const live = async (turn: StoredTurn, death: Death | undefined): Promise<Tried> => {
          const { take, dieIn } = attempt(store, turn)
          for (const [at, step] of script.entries()) {
            const call: ToolCall = { tool: `tool.number${at}`, arguments: { at }, ...step }
            const effect = () => (effects[at] = (effects[at] ?? 0) + 1)
            const dies = death?.at === at ? death.when : null
            const known = (await stepsOf(store.connection, turn.id)).get(at + 1)?.status
            const dyingIn = dies !== null && dies !== 'between' && known === undefined
            const came = dyingIn
              ? await dieIn(call, dies === 'after' ? effect : undefined)
              : await take(call, async () => effect() && at)
            if (came === 'killed' || came.outcome !== 'done') return came
            expect(came.result).toBe(at)
            if (dies === 'between') return 'killed'
          }
          return { outcome: 'done', result: null }
        }
        let turn = await begun(store)
        let end: Tried = 'killed'
        for (const death of [...deaths, undefined]) {
          end = await live(turn, death)
          if (end !== 'killed') break
          turn = await begunAgain(store)
        }
        await store.transaction(trx =>
          endTurn(trx, turn, { status: 'no_reply', code: null, failure: null, step: null }),
        )
        const once = script.every(
          ({ effect, idempotent }, at) => effect === 'read' || idempotent || (effects[at] ?? 0) <= 1,
        )
        expect(once).toBe(true)
        if (end === 'killed' || end.outcome !== 'done') expect(end).toMatchObject({ code: 'step_unknown' })
        else expect(effects.every(count => count > 0)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })
})
