import { RE2JS } from 're2js'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { DEFAULT_ACCOUNT, type OrgId, type Person } from '../../../plugin/contract/ids.ts'
import { STEPS_OF_A_TEXT } from '../../../plugin/patterns/search-cost.ts'
import { claimNumber, configureAccount, confirmNumber } from '../../../plugin/store/accounts/accounts.ts'
import { addBinding, findBinding, replaceBinding } from '../../../plugin/store/accounts/bindings.ts'
import type { Store } from '../../../plugin/store/database.ts'
import { listMessages } from '../../../plugin/store/messages/messages.ts'
import { WorkerPool } from '../../../plugin/workers/worker-pool.ts'
import { approvalDesk, APPROVER, lastQuestion, reactionOf } from '../../support/approval-desk.ts'
import { keptLog } from '../../support/host.ts'
import { inboxOf } from '../../support/inbox.ts'
import {
  bindingsOn,
  endsOf,
  explanationsOn,
  HEAVY,
  hostile,
  LONG,
  SHOWN,
  SLOW,
  slowScene,
  slowSceneOn,
  TOO_SLOW,
} from '../../support/slow-patterns.ts'
import {
  ACCOUNT,
  ALICE,
  BOB,
  byPhone,
  emptyStore,
  given,
  linkedStore,
  ORG,
  person,
  textFrom,
} from '../../support/store.ts'
import { outcomes } from '../../support/turns.ts'
import { inPlace } from '../../support/job-runner.ts'

afterEach(() => vi.restoreAllMocks())

describe('while a text is searched', () => {
  it('what came before it is taken in, and what comes behind it waits for it, in its order', async () => {
    await using here = await slowScene({ text_regex: HEAVY }, {})
    let open: () => void = () => undefined
    here.gate.wait = new Promise(resolve => (open = resolve))
    const texts = ['one', LONG, 'three', LONG, 'five']
    const taken = here.receive(...texts.map(text => textFrom(ALICE, text)))
    await here.asked
    expect(await here.outcomes()).toEqual(['one → matched'])
    expect(here.gateway.confirmedThrough).toBe(0)
    open()
    await taken
    expect(await here.outcomes()).toEqual(['one', SHOWN, 'three', SHOWN, 'five'].map(text => `${text} → matched`))
    expect(here.gateway.confirmedThrough).toBe(5)
    expect(here.committed.flatMap(({ arrived }) => arrived)).toHaveLength(5)
    expect(here.committed.reduce((sum, { queued }) => sum + queued, 0)).toBe(5)
  })

  it('as many as come at once are taken in, each after the other', async () => {
    await using here = await slowScene({ text_regex: HEAVY }, {})
    await here.receive(...Array.from({ length: 100 }, (_, seed) => textFrom(ALICE, hostile(500, seed))))
    expect(await endsOf(here)).toEqual(Array(100).fill('matched'))
    expect(here.committed.flatMap(({ arrived }) => arrived)).toHaveLength(100)
  })

  it('what it made known of its sender is told once', async () => {
    const from = `lid:${given(ALICE.lid)}`
    await using here = await slowScene({ text_regex: 'b', from }, { text_regex: HEAVY }, {})
    await here.receive(textFrom(byPhone(ALICE), 'ab'))
    expect(await endsOf(here)).toEqual(['unmatched: identity_unknown'])
    await here.receive(textFrom(BOB, 'one'), textFrom(ALICE, 'a'.repeat(2_000)))
    expect(await endsOf(here)).toEqual(['matched', 'matched', 'matched'])
    expect(here.committed.flatMap(({ reconsidered }) => reconsidered)).toEqual(['matched'])
  })

  it('a process that is killed has written nothing of it, and the next one searches it again', async () => {
    const opened = await linkedStore()
    const killed = await slowSceneOn(opened, [{ text_regex: HEAVY }, {}])
    killed.gate.wait = new Promise(() => undefined)
    const messages = ['one', LONG, 'three'].map(text => textFrom(ALICE, text))
    void killed.receive(...messages)
    await killed.asked
    await using again = await opened.reopened()
    const then = await slowSceneOn(again)
    expect(await then.outcomes()).toEqual(['one → matched'])
    await then.receive(...messages)
    expect(await then.outcomes()).toEqual(['one', SHOWN, 'three'].map(text => `${text} → matched`))
  })

  it('bindings may change: it is judged by those that there are then', async () => {
    await using here = await slowScene({ text_regex: HEAVY }, {})
    let open: () => void = () => undefined
    here.gate.wait = new Promise(resolve => (open = resolve))
    const taken = here.receive(textFrom(ALICE, LONG))
    await here.asked
    const binding = given(await findBinding(here.store.connection, ORG, given(here.ids[0])))
    await here.store.transaction(trx => replaceBinding(trx, { ...binding, rule: { text_regex: SLOW } }))
    open()
    await taken
    expect(await here.outcomes()).toEqual([TOO_SLOW])
    expect(here.searched.map(([pattern]) => pattern)).toEqual([HEAVY, SLOW])
  })

  it('bindings that change for ever do not keep it for ever', async () => {
    await using here = await slowScene({ text_regex: 'b{500}0' }, {})
    let changes = 0
    here.inForce.jobs = {
      run: async work => {
        const binding = given(await findBinding(here.store.connection, ORG, given(here.ids[0])))
        changes += 1
        const rule = { text_regex: `b{500}${changes}` }
        await here.store.transaction(trx => replaceBinding(trx, { ...binding, rule }))
        return inPlace.run(work)
      },
    }
    await here.receive(textFrom(ALICE, LONG))
    expect(await here.outcomes()).toEqual([TOO_SLOW])
  })

  it('nothing is lost when there is nobody to search it: it is kept, and taken in once there is', async () => {
    await using here = await slowScene({ text_regex: HEAVY }, {})
    here.gate.answers = () => ({ outcome: 'ended', why: 'closed' })
    await here.receive(textFrom(ALICE, 'one'), textFrom(ALICE, LONG), textFrom(ALICE, 'three'))
    expect(await here.outcomes()).toEqual(['one → matched'])
    expect(here.lines.find(({ event }) => event === 'journal not taken over')?.fields['code']).toBe(
      'patterns_not_searched',
    )
    here.gate.answers = () => null
    await here.receive()
    expect(await here.outcomes()).toEqual(['one', SHOWN, 'three'].map(text => `${text} → matched`))
  })

  it('the inbox can be closed', async () => {
    await using here = await slowScene({ text_regex: HEAVY }, {})
    here.gate.wait = new Promise(() => undefined)
    const taken = here.receive(textFrom(ALICE, LONG))
    await here.asked
    await here.inbox.close()
    await taken
    expect(await here.outcomes()).toEqual([])
  })

  it('an approval that was given in the same breath is decided, and told to the audit log, once', async () => {
    await using opened = await linkedStore()
    for (const rule of [{ text_regex: HEAVY }, {}])
      await opened.store.transaction(trx => addBinding(trx, ORG, { agent: 'echo', rule }))
    await using desk = await approvalDesk(opened.store, [])
    await desk.receive(textFrom(ALICE, 'restart billing'))
    await desk.line('turn waits')
    const { stanzaId } = await lastQuestion(opened.store, APPROVER.phone)
    await desk.receive(reactionOf(APPROVER, '👍', stanzaId), textFrom(ALICE, LONG), textFrom(BOB, LONG))
    expect(desk.audited.filter(({ action }) => action === 'approval.decide')).toHaveLength(1)
    expect((await outcomes(opened.store)).map(each => each.split(' → ')[1])).toContain('ignored: approval')
  })

  it('who wrote it may become known: what waited for that is searched as well, and is judged once', async () => {
    await using here = await slowScene(
      { text_regex: HEAVY, from: `lid:${given(ALICE.lid)}` },
      { text_regex: 'b{900}', from: given(ALICE.phone) },
      {},
    )
    here.gate.answers = ({ message }) => {
      const { patterns = [] } = message as { patterns?: string[] }
      return patterns.includes(HEAVY) ? { outcome: 'answered', answer: [true], tookMs: 0 } : null
    }
    await here.receive(...[1, 2, 3].map(seed => textFrom(byPhone(ALICE), hostile(2_000, seed))))
    expect(await endsOf(here)).toEqual(Array(3).fill('unmatched: identity_unknown'))
    here.gateway.append({ kind: 'identity', person: ALICE })
    await here.inbox.wake(ACCOUNT)
    expect(await endsOf(here)).toEqual(Array(3).fill('matched'))
    expect(here.committed.flatMap(({ reconsidered }) => reconsidered)).toEqual(Array(3).fill('matched'))
  })
})

const OTHER = 'org_other' as OrgId
const THEIRS = person('900000000000009', '972500000009')

/** Another org, linked as a number of its own, that answers everything. */
async function anotherOrg(store: Store, us: Person) {
  const key = { org: OTHER, account: DEFAULT_ACCOUNT }
  await configureAccount(store.connection, key, { displayName: null })
  await claimNumber(store.connection, key, given(us.phone))
  await confirmNumber(store.connection, key, given(us.phone))
  await store.transaction(trx => addBinding(trx, OTHER, { agent: 'echo', rule: { text_regex: '^ping' } }))
  return { key, here: await inboxOf(store) }
}

/** The most steps that were searched at once in this process. */
function mostStepsHere(): () => number {
  let most = 0
  // oxlint-disable-next-line unbound-method -- it is called with the pattern that it is of
  const test = RE2JS.prototype.test as (this: RE2JS, text: string) => boolean
  vi.spyOn(RE2JS.prototype, 'test').mockImplementation(function (this: RE2JS, text) {
    most = Math.max(most, this.programSize() * (String(text).length + 1))
    return test.call(this, String(text))
  })
  return () => most
}

describe('T5: the worst patterns that an org may have, and the longest text that WhatsApp carries', () => {
  it('hold up nobody else: the other org is answered meanwhile, and nothing of it is searched in this process', async () => {
    await using opened = await linkedStore()
    const pool = new WorkerPool(keptLog().log)
    const mostSteps = mostStepsHere()
    try {
      const bindings = bindingsOn(opened.store, pool)
      await bindings.create(ORG, { agent: 'echo', match_rule: { text_regex: SLOW }, enabled: true })
      await bindings.create(ORG, { agent: 'echo', match_rule: {}, enabled: true })
      const slow = await slowSceneOn(opened)
      slow.inForce.jobs = pool
      const { key, here } = await anotherOrg(opened.store, THEIRS)
      const order: string[] = []
      const noted = (name: string, work: Promise<void>) => work.then(() => void order.push(name))
      const worst = noted('worst', slow.receive(...[ALICE, BOB].map(sender => textFrom(sender, hostile(65_536)))))
      here.gateway.receive(textFrom(ALICE, 'ping', { receiver: THEIRS }))
      await noted('other', here.inbox.wake(key))
      await worst
      expect(order).toEqual(['other', 'worst'])
      expect(await slow.outcomes()).toEqual([TOO_SLOW, TOO_SLOW])
      const theirs = await listMessages(opened.store.connection, OTHER, { after: 0, limit: 10 })
      expect(theirs.map(({ outcome }) => outcome)).toEqual(['matched'])
      expect(mostSteps()).toBeLessThanOrEqual(STEPS_OF_A_TEXT)
      expect(mostSteps()).toBeGreaterThan(0)
      const message = { from: given(BOB.phone), text: hostile(65_536), mentioned: false, account: DEFAULT_ACCOUNT }
      expect(await explanationsOn(opened.store, pool).of(ORG, { message })).toMatchObject({ reason: 'rule_too_slow' })
      expect(mostSteps()).toBeLessThanOrEqual(STEPS_OF_A_TEXT)
    } finally {
      await pool.close()
    }
  })

  it.each([
    ['large', `(?:${'(x)'.repeat(160)}){1000}`],
    ['with a fault behind it', `${'x{1000}'.repeat(72)})`],
    ['of classes', `(?i)${'[^\\pL\\pN]{1000}'.repeat(30)}`],
  ])('a pattern that is refused is not even made in this process: %s', async (_, text_regex) => {
    await using opened = await emptyStore()
    const pool = new WorkerPool(keptLog().log)
    try {
      const made = vi.spyOn(RE2JS, 'compile')
      const bindings = bindingsOn(opened.store, pool)
      const { id } = await bindings.create(ORG, { agent: 'echo', match_rule: { text_regex: 'stop' }, enabled: true })
      const refused = { code: 'bad_request', message: expect.stringContaining('match_rule.text_regex') as string }
      await expect(
        bindings.create(ORG, { agent: 'echo', match_rule: { text_regex }, enabled: true }),
      ).rejects.toMatchObject(refused)
      await expect(bindings.update(ORG, id, { match_rule: { text_regex } })).rejects.toMatchObject(refused)
      expect(made).not.toHaveBeenCalled()
    } finally {
      await pool.close()
    }
  })

  it('patterns that come at the same time are counted together', async () => {
    await using opened = await emptyStore()
    const bindings = bindingsOn(opened.store, inPlace)
    const many = ['a{900}', 'b{900}', 'c{900}'].map(text_regex =>
      bindings.create(ORG, { agent: 'echo', match_rule: { text_regex }, enabled: true }).then(
        () => 'made',
        (error: unknown) => (error as { code: string }).code,
      ),
    )
    expect((await Promise.all(many)).toSorted()).toEqual(['bad_request', 'made', 'made'])
  })
})
