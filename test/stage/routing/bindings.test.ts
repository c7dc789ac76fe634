import { describe, expect, it } from 'vitest'

import { Bindings } from '../../../plugin/routing/bindings.ts'
import type { BindingCreateRequest } from '../../../plugin/contract/api/bindings.ts'
import { asChannelError } from '../../../plugin/contract/errors/errors.ts'
import { parseOrgId } from '../../../plugin/contract/ids.ts'
import { PATTERN_INSTRUCTIONS, patternSize } from '../../../plugin/patterns/pattern.ts'
import { RuleCache } from '../../../plugin/routing/rule-cache.ts'
import { agentsThat, echo, keptLog } from '../../support/host.ts'
import { ALICE, BOB, direct, emptyStore, given, ORG, US } from '../../support/store.ts'
import { patternsInPlace } from '../../support/job-runner.ts'

const OTHER_ORG = given(parseOrgId('org_other'))
const question = { chat: direct(ALICE), sender: ALICE, receiver: US, text: 'hello', mentioned: false }

async function bindingsOf() {
  const opened = await emptyStore()
  const { store } = opened
  const bindings = new Bindings({
    store,
    agents: agentsThat(echo),
    log: keptLog().log,
    ask: async () => undefined,
    patterns: patternsInPlace,
  })
  const ruleCache = new RuleCache()
  const create = (rule: BindingCreateRequest['match_rule'] = {}, enabled = true) =>
    bindings.create(ORG, { agent: 'echo', match_rule: rule, enabled })
  /** The id of the binding that answers alice. */
  const answers = async (): Promise<string> => {
    const resolution = (await store.transaction(trx => ruleCache.rulesOf(trx, ORG))).resolve(question)
    return resolution.outcome === 'matched' ? resolution.binding.id : resolution.reason
  }
  return { bindings, create, answers, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() }
}

const code = async (promise: Promise<unknown>): Promise<string> =>
  asChannelError(
    await promise.then(
      () => new Error('it was done'),
      (error: unknown) => error,
    ),
  ).code

describe('a binding', () => {
  it('is said to take everything when it does', async () => {
    await using made = await bindingsOf()
    expect((await made.create({ chat_type: 'direct' })).warning).toBeUndefined()
    expect((await made.create({})).warning).toContain('every message that none before it takes')
  })

  it('is said to be reached by nothing behind one that takes all that it takes', async () => {
    await using made = await bindingsOf()
    const all = await made.create({ channel: 'whatsapp' }, false)
    const alice = await made.create({ from: given(ALICE.phone) })
    expect(alice.warning).toBeUndefined()
    await made.bindings.update(ORG, all.id, { enabled: true })
    const sentence = `"echo" (${all.id}) takes every message that this binding takes`
    for (const { warning } of [
      await made.create({ from: given(BOB.phone) }),
      await made.create({}),
      await made.bindings.update(ORG, alice.id, { conversation: 'participant' }),
    ])
      expect(warning).toContain(sentence)
    expect((await made.bindings.update(ORG, alice.id, { enabled: false })).warning).toBeUndefined()
    expect((await made.bindings.update(ORG, alice.id, { enabled: true })).warning).toContain(sentence)
    // In another org nothing stands before it.
    const other = { agent: 'echo', match_rule: { from: given(BOB.phone) }, enabled: true }
    expect((await made.bindings.create(OTHER_ORG, other)).warning).toBeUndefined()
  })

  it('has a pattern that all of the org’s together leave room for, however it is spelled', async () => {
    await using made = await bindingsOf()
    for (const pattern of ['a.{400,600}z', '(x{300}|y{300})', '([a-z]{1,50} ){5}'])
      await made.create({ text_regex: pattern }).catch(() => undefined)
    const many = Array.from({ length: 40 }, (_, at) => `word${at} [a-z]{60}$`)
    const codes = []
    for (const pattern of many) codes.push(await code(made.create({ text_regex: pattern })))
    expect(codes).toContain('bad_request')
    const kept = (await made.bindings.list(ORG)).flatMap(({ match_rule }) => match_rule.text_regex ?? [])
    expect(kept.reduce((sum, text) => sum + patternSize(text), 0)).toBeLessThanOrEqual(PATTERN_INSTRUCTIONS)
    const [first] = (await made.bindings.list(ORG)).filter(({ match_rule }) =>
      match_rule.text_regex?.startsWith('word'),
    )
    const { id } = given(first)
    expect(await code(made.bindings.update(ORG, id, { match_rule: { text_regex: 'a{900}b{900}' } }))).toBe(
      'bad_request',
    )
    // What is shorter than before goes in any case, also where more was kept by an earlier version.
    expect((await made.bindings.update(ORG, id, { match_rule: { text_regex: 'word' } })).match_rule.text_regex).toBe(
      'word',
    )
    expect(
      (await made.bindings.create(OTHER_ORG, { agent: 'echo', match_rule: { text_regex: 'a{900}' }, enabled: true }))
        .id,
    ).toMatch(/^bnd_/)
  })

  it('is changed in what is said of it, from the next message on', async () => {
    await using made = await bindingsOf()
    const { id } = await made.create({ text_regex: 'stop' })
    expect(await made.answers()).toBe('no_binding')
    const changed = await made.bindings.update(ORG, id, { match_rule: { phone: given(ALICE.phone) } })
    expect(changed).toMatchObject({ id, agent: 'echo', match_rule: { from: ALICE.phone }, version: 2, enabled: true })
    expect(await made.answers()).toBe(id)
    await made.bindings.update(ORG, id, { enabled: false })
    expect(await made.answers()).toBe('no_binding')
    expect(await made.bindings.find(ORG, id)).toMatchObject({
      enabled: false,
      version: 3,
      match_rule: { from: ALICE.phone },
    })
  })

  it('takes part in the conversation of a whole chat, unless it says that it keeps participants apart', async () => {
    await using made = await bindingsOf()
    const { id, conversation } = await made.create()
    expect(conversation).toBe('chat')
    expect(await made.bindings.update(ORG, id, { conversation: 'participant' })).toMatchObject({
      conversation: 'participant',
      version: 2,
    })
    expect(await made.bindings.update(ORG, id, { enabled: false })).toMatchObject({ conversation: 'participant' })
    const apart = await made.bindings.create(ORG, {
      agent: 'echo',
      match_rule: {},
      enabled: true,
      conversation: 'participant',
    })
    const listed = await made.bindings.list(ORG)
    expect(listed.map(each => [each.id, each.conversation])).toEqual([
      [id, 'participant'],
      [apart.id, 'participant'],
    ])
  })

  it('is not changed by somebody who has seen another version of it', async () => {
    await using made = await bindingsOf()
    const { id, version } = await made.create()
    const codes = await Promise.all([
      code(made.bindings.update(ORG, id, { enabled: false, version })),
      code(made.bindings.update(ORG, id, { agent: 'echo', version })),
    ])
    // `internal` is the error that says that it was done.
    expect(codes.toSorted()).toEqual(['binding_changed', 'internal'])
    expect(await made.bindings.find(ORG, id)).toMatchObject({ version: version + 1 })
  })

  it('is not changed into what it could not have been made', async () => {
    await using made = await bindingsOf()
    const { id } = await made.create()
    expect(await code(made.bindings.update(ORG, id, { match_rule: { text_regex: '(' } }))).toBe('bad_request')
    expect(await code(made.bindings.update(ORG, id, { agent: 'nobody' }))).toBe('unknown_agent')
    expect(await code(made.bindings.update(OTHER_ORG, id, { enabled: false }))).toBe('not_found')
    expect(await made.bindings.find(ORG, id)).toMatchObject({ version: 1, enabled: true })
  })

  it('is made at rest, and answers once it is enabled', async () => {
    await using made = await bindingsOf()
    const { id } = await made.create({}, false)
    expect(await made.answers()).toBe('no_binding')
    await made.bindings.update(ORG, id, { enabled: true })
    expect(await made.answers()).toBe(id)
  })
})

describe('the order of bindings', () => {
  it('is the one that is asked for, of all of them', async () => {
    await using made = await bindingsOf()
    const ids: string[] = []
    for (let index = 0; index < 5; index += 1) ids.push((await made.create()).id)
    expect(await made.answers()).toBe(ids[0])
    const reordered = await made.bindings.reorder(ORG, ids.toReversed())
    expect(reordered.map(({ id, position }) => [id, position])).toEqual(ids.toReversed().map((id, at) => [id, at + 1]))
    expect(await made.answers()).toBe(ids[4])
    expect(reordered).toMatchObject(await made.bindings.list(ORG))
  })

  it('is answered with what stands before each of those that no message reaches', async () => {
    await using made = await bindingsOf()
    const { id: alice } = await made.create({ from: given(ALICE.phone) })
    const { id: all } = await made.create({})
    const warnings = async (order: string[]) =>
      (await made.bindings.reorder(ORG, order)).map(({ id, warning }) => [id, warning?.slice(0, 6)])
    expect(await warnings([all, alice])).toEqual([
      [all, undefined],
      [alice, '"echo"'],
    ])
    expect(await warnings([alice, all])).toEqual([
      [alice, undefined],
      [all, undefined],
    ])
  })

  it('is not changed when one of them came or went meanwhile, and not that of another org', async () => {
    await using made = await bindingsOf()
    const { id: first } = await made.create()
    const { id: second } = await made.create()
    for (const order of [[second], [second, first, 'bnd_other'], [first, 'bnd_other'], []]) {
      expect(await code(made.bindings.reorder(ORG, order))).toBe('binding_changed')
    }
    expect(await code(made.bindings.reorder(OTHER_ORG, [second, first]))).toBe('binding_changed')
    expect((await made.bindings.list(ORG)).map(({ id }) => id)).toEqual([first, second])
  })
})
