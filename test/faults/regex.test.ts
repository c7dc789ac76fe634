import { RE2JS } from 're2js'
import { describe, expect, it, vi } from 'vitest'

import { Bindings } from '../../plugin/routing/bindings.ts'
import { bindingCreateRequest } from '../../plugin/contract/api/bindings.ts'
import type { Binding, MatchInput, MatchRule } from '../../plugin/contract/binding.ts'
import { ChannelError } from '../../plugin/contract/errors/errors.ts'
import { lidFromDigits } from '../../plugin/contract/ids.ts'
import { patternOf } from '../../plugin/patterns/pattern.ts'
import { RuleIndex } from '../../plugin/routing/rule-index.ts'
import { listBindings } from '../../plugin/store/accounts/bindings.ts'
import { listMessages, textOfStored } from '../../plugin/store/messages/messages.ts'
import { agentsThat, echo, keptLog } from '../support/host.ts'
import { inboxOf } from '../support/inbox.ts'
import { resolved } from '../support/searched.ts'
import { ACCOUNT, ALICE, direct, emptyStore, given, linkedStore, ORG, textFrom, US } from '../support/store.ts'
import { patternsInPlace } from '../support/job-runner.ts'

const SEARCHED_BYTES = 16 * 1024

/** Counts the letters that are read of long texts: the work of a search, whatever the machine does besides. */
function readings(): Disposable & { readonly count: () => number } {
  let count = 0
  const spies = (['codePointAt', 'charCodeAt'] as const).map(name => {
    // oxlint-disable-next-line unbound-method -- it is called with the text that it is of
    const read = String.prototype[name] as (this: string, at: number) => number
    return vi.spyOn(String.prototype, name).mockImplementation(function (this: string, at = 0) {
      if (this.length > 500) count += 1
      return read.call(this, at)
    })
  })
  return { count: () => count, [Symbol.dispose]: () => spies.forEach(spy => spy.mockRestore()) }
}

const asked = (text: string): MatchInput => ({
  chat: direct(ALICE),
  sender: ALICE,
  receiver: US,
  text,
  mentioned: false,
})

const binding = (rule: MatchRule, at: number): Binding => ({
  id: `bnd_${at}`,
  org: ORG,
  agent: 'echo',
  rule,
  position: at + 1,
  enabled: true,
  version: 1,
  suspendedAt: null,
  conversation: 'chat',
  createdAt: 0,
})

const indexOf = (...rules: MatchRule[]): RuleIndex => new RuleIndex(rules.map(binding))

/** Each has made some engine try all ways there are; the text holds what each needs before it begins. */
const HOSTILE = [
  '(x+x+)+y$',
  '(x|x)*$',
  '(x*)*$',
  '(.*.*)*=y$',
  '^(x+)+$',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  '(x|xx|xxx)+y$',
  '(?i)(.?X.?){200}y$',
  '(.*x.*){20}y$',
  '(.{1,60}){1,16}y$',
  'x[xw]{300}y$',
  '(?:[xw]{1,40}x){20}y$',
  'x[xw]{1,900}y',
]

/** So many letters, of which no two stretches are alike: what sees one of them for the first time cannot know what comes. */
function hostileText(length: number): string {
  let state = 1
  const letters = Array.from({ length: length - 5 }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state < 1_073_741_824 ? 'x' : 'w'
  })
  return `y=yX${letters.join('')}!`
}

describe('F54: a pattern that would take for ever', () => {
  it.each(HOSTILE)('reads each letter a few times at most: %s', pattern => {
    patternOf(pattern)
    const counts = [4, 16].map(kilobytes => {
      using reading = readings()
      resolved(indexOf({ text_regex: pattern }), asked(hostileText(kilobytes * 1024)))
      return reading.count() / (kilobytes * 1024)
    })
    for (const eachLetter of counts) {
      expect(eachLetter).toBeGreaterThan(0)
      expect(eachLetter).toBeLessThan(16)
    }
  })

  it.each(['(?=x)', '(x)\\1', 'x{1001}', '(x{1,30}){1,60}', '[[:word:]]{500}.*'.repeat(10), '(?<=x)y', '(?>x+)y'])(
    'is refused when what it asks cannot be had in that time: %s',
    pattern => {
      expect(() => patternOf(pattern)).toThrow(ChannelError)
    },
  )

  it('is refused when it is longer than 512 letters', () => {
    const request = (length: number) => ({ agent: 'echo', match_rule: { text_regex: 'x'.repeat(length) } })
    expect(bindingCreateRequest.safeParse(request(512)).success).toBe(true)
    expect(bindingCreateRequest.safeParse(request(513)).success).toBe(false)
  })
})

describe('F54: a text of 1 MB', () => {
  it('costs what its first 16 kB cost', () => {
    const rules = indexOf(...HOSTILE.map(text_regex => ({ text_regex })))
    const whole = hostileText(1_048_576)
    const [ofWhole, ofBeginning] = [whole, whole.slice(0, SEARCHED_BYTES)].map(text => {
      using reading = readings()
      resolved(rules, asked(text))
      return reading.count()
    })
    expect(ofBeginning).toBeGreaterThan(SEARCHED_BYTES)
    expect(ofWhole).toBe(ofBeginning)
  })

  it('from a stranger is kept whole, and answered by what stands in them', async () => {
    await using opened = await linkedStore()
    const rules = HOSTILE.map(text_regex => ({ text_regex: `${text_regex}never` }))
    const { inbox, gateway } = await inboxOf(opened.store, ...rules, { text_regex: '^y=yX' })
    const text = hostileText(1_048_576)
    using reading = readings()
    gateway.receive(textFrom(ALICE, text), textFrom(ALICE, `no${text}`))
    await inbox.wake(ACCOUNT)
    expect(reading.count()).toBeLessThan(2 * rules.length * 16 * SEARCHED_BYTES)
    const messages = await listMessages(opened.store.connection, ORG, { after: 0, limit: 10 })
    expect(messages.map(({ outcome }) => outcome)).toEqual(['matched', 'unmatched: no_binding'])
    expect(messages.map(message => textOfStored(message).length)).toEqual([text.length, text.length + 2])
  })
})

const PATTERNS = Array.from({ length: 13 }, (_, at) => ({ text_regex: `(x+x+)+never${at}` }))

/** What is looked at to answer one question: bindings, places in the index, patterns. */
function lookedAt(named: number): { rules: number; places: number; patterns: number } {
  let rules = 0
  const lids = Array.from({ length: named }, (_, at) => `lid:${100_000_000 + at}`)
  const written = [...PATTERNS, ...lids.map(from => ({ from }))]
  const all = written.map((rule, at) =>
    Object.defineProperty(binding(rule, at), 'rule', {
      get() {
        rules += 1
        return rule
      },
    }),
  )
  const index = new RuleIndex(all)
  const sender = { lid: given(lidFromDigits(String(100_000_000 + named - 1))), phone: null }
  const question = { ...asked('hello'), sender, chat: direct(sender) }
  // Patterns are compiled when they are first asked.
  index.resolve(question)
  rules = 0
  const places = vi.spyOn(Map.prototype, 'get')
  const patterns = vi.spyOn(RE2JS.prototype, 'test')
  const resolution = index.resolve(question)
  const counted = { rules, places: places.mock.calls.length, patterns: patterns.mock.calls.length }
  places.mockRestore()
  patterns.mockRestore()
  expect(resolution).toMatchObject({ outcome: 'matched', binding: { position: written.length } })
  return counted
}

describe('F54: 10,000 bindings', () => {
  it('are asked by looking at as much as with ten', () => {
    const ofTen = lookedAt(10)
    expect(lookedAt(10_000)).toEqual(ofTen)
    expect(ofTen).toMatchObject({ rules: 0, patterns: PATTERNS.length })
    expect(ofTen.places).toBeLessThan(100)
  })

  it('have at most a hundred patterns, made or changed into one', async () => {
    await using opened = await emptyStore()
    const { store } = opened
    const bindings = new Bindings({
      store,
      agents: agentsThat(echo),
      log: keptLog().log,
      ask: async () => undefined,
      patterns: patternsInPlace,
    })
    const make = (match_rule: MatchRule) => bindings.create(ORG, { agent: 'echo', match_rule, enabled: true })
    const first = await make({ text_regex: 'x' })
    for (let made = 1; made < 100; made += 1) await make({ text_regex: `x${made}` })
    const plain = await make({ from: given(ALICE.phone) })
    const refused = { code: 'bad_request', message: expect.stringContaining('Join some of them') }
    await expect(make({ text_regex: 'one more' })).rejects.toMatchObject(refused)
    await expect(bindings.update(ORG, plain.id, { match_rule: { text_regex: 'y' } })).rejects.toMatchObject(refused)
    await bindings.update(ORG, first.id, { match_rule: { text_regex: 'another', mentioned: true } })
    await bindings.delete(ORG, first.id)
    await make({ text_regex: 'in its place' })
    expect(await listBindings(store.connection, ORG)).toHaveLength(101)
  })
})
