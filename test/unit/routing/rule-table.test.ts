import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { Bindings } from '../../../plugin/routing/bindings.ts'
import { bindingCreateRequest } from '../../../plugin/contract/api/bindings.ts'
import { type Chat, type OrgId, parseGroupId, parseOrgId, type Person } from '../../../plugin/contract/ids.ts'
import { RuleCache } from '../../../plugin/routing/rule-cache.ts'
import { agentsThat, echo, keptLog } from '../../support/host.ts'
import { direct, emptyStore, given, type OpenedStore, person } from '../../support/store.ts'
import { resolved } from '../../support/searched.ts'
import { patternsInPlace } from '../../support/job-runner.ts'

/** A rule as somebody writes it; `off` is one that is not enabled. */
type Written = Readonly<Record<string, string | boolean>>
type Said = {
  readonly by: Person
  /** Of a group; left out, it was written to us directly. */
  readonly in?: string
  readonly to?: Person
  readonly text?: string
  readonly mentioned?: boolean
}
/** `held`: a rule may yet hold, so nobody answers until it is known. */
type Expected = 'answered' | 'not' | 'held' | 'by the first' | 'by the second' | 'by the third'
type Row = readonly [what: string, rules: Written | readonly Written[], said: Said, expected: Expected]

const PHONE = '+972500000002'
const LID = 'lid:111111111111111'
const OTHER_PHONE = '+972500000003'
const OTHER_LID = 'lid:222222222222222'
const SALES = '+972500000001'
const SALES_LID = 'lid:900000000000001'
const SUPPORT = '+972500000009'
const TEAM = '120363000000000001@g.us'
const OLD_TEAM = '972500000002-1600000000@g.us'
const OTHER_TEAM = '120363000000000002@g.us'

/** Dana, by both addresses, by the LID alone and by the number alone; Eli has others. */
const dana = person('111111111111111', '972500000002')
const danaByLid = person('111111111111111', null)
const danaByPhone = person(null, '972500000002')
const eli = person('222222222222222', '972500000003')
/** The linked numbers. */
const sales = person(null, '972500000001')
const salesByBoth = person('900000000000001', '972500000001')
const support = person('900000000000009', '972500000009')

const BYTES = 16 * 1024
const SPAN = 'x'.repeat(BYTES - 4)

/** From the documents (agentcy-host.md §1.3, §2.1, §3 and §20, design.md §4.1, README), not from the code. */
const TABLE: Record<string, readonly Row[]> = {
  'of everything and of channels': [
    ['an empty rule takes a direct message', {}, { by: dana, text: 'hello' }, 'answered'],
    ['an empty rule takes a message in a group', {}, { by: dana, in: TEAM }, 'answered'],
    ['an empty rule takes a message without a text', {}, { by: dana, text: '' }, 'answered'],
    ['an empty rule takes whoever is known by the LID alone', {}, { by: danaByLid }, 'answered'],
    ['an empty rule takes whoever is known by the number alone', {}, { by: danaByPhone }, 'answered'],
    ['no rule, no answer', [], { by: dana, text: 'hello' }, 'not'],
    ['the channel is this one', { channel: 'whatsapp' }, { by: dana }, 'answered'],
    ['the channel changes nothing of the rest', { channel: 'whatsapp', from: PHONE }, { by: eli }, 'not'],
  ],
  'of who wrote': [
    ['the number, of whoever has both', { from: PHONE }, { by: dana }, 'answered'],
    ['the number, of whoever has it alone', { from: PHONE }, { by: danaByPhone }, 'answered'],
    ['the number, of somebody else', { from: PHONE }, { by: eli }, 'not'],
    ['the number, where only a LID is known', { from: PHONE }, { by: danaByLid }, 'held'],
    ['a number that is not theirs, where only a LID is known', { from: OTHER_PHONE }, { by: danaByLid }, 'held'],
    ['the LID, of whoever has both', { from: LID }, { by: dana }, 'answered'],
    ['the LID, of whoever has it alone', { from: LID }, { by: danaByLid }, 'answered'],
    ['the LID, of somebody else', { from: LID }, { by: eli }, 'not'],
    ['another LID, where only a LID is known', { from: OTHER_LID }, { by: danaByLid }, 'not'],
    ['the LID, where only a number is known', { from: LID }, { by: danaByPhone }, 'held'],
    ['the number, in a group', { from: PHONE }, { by: dana, in: TEAM }, 'answered'],
    ['the number, in a group where only a LID is known', { from: PHONE }, { by: danaByLid, in: TEAM }, 'held'],
    ['the number, with spaces and dashes', { from: '+972 50-000-0002' }, { by: dana }, 'answered'],
    ['the number, called phone', { phone: PHONE }, { by: dana }, 'answered'],
    ['the number of somebody else, called phone', { phone: OTHER_PHONE }, { by: dana }, 'not'],
    ['the number, called phone, where only a LID is known', { phone: PHONE }, { by: danaByLid }, 'held'],
    ['the number, called user', { user: PHONE }, { by: dana }, 'answered'],
    ['the LID, called user', { user: LID }, { by: danaByLid }, 'answered'],
    ['the LID of somebody else, called user', { user: OTHER_LID }, { by: dana }, 'not'],
  ],
  'of groups': [
    ['the id of a group, there', { group: TEAM }, { by: dana, in: TEAM }, 'answered'],
    ['the id of a group, in another', { group: TEAM }, { by: dana, in: OTHER_TEAM }, 'not'],
    ['the id of a group, directly', { group: TEAM }, { by: dana }, 'not'],
    ['the id of a group, there, whoever it is', { group: TEAM }, { by: danaByLid, in: TEAM }, 'answered'],
    ['the older id of a group, there', { group: OLD_TEAM }, { by: eli, in: OLD_TEAM }, 'answered'],
    ['a participant by number', { group: PHONE }, { by: dana, in: TEAM }, 'answered'],
    ['another participant by number', { group: PHONE }, { by: eli, in: TEAM }, 'not'],
    ['a participant by number, in whatever group', { group: PHONE }, { by: dana, in: OTHER_TEAM }, 'answered'],
    ['a participant by number, where only a LID is known', { group: PHONE }, { by: danaByLid, in: TEAM }, 'held'],
    ['a participant by LID', { group: LID }, { by: danaByLid, in: TEAM }, 'answered'],
    ['a participant by LID, where only a number is known', { group: LID }, { by: danaByPhone, in: TEAM }, 'held'],
    ['the peer of a direct chat, by number', { group: PHONE }, { by: dana }, 'answered'],
    ['the peer of a direct chat, by LID', { group: LID }, { by: dana }, 'answered'],
    ['somebody who is not the peer', { group: PHONE }, { by: eli }, 'not'],
    ['the peer by number, where only a LID is known', { group: PHONE }, { by: danaByLid }, 'held'],
  ],
  'of several linked numbers': [
    ['the number it was written to', { to: SALES }, { by: dana, to: sales }, 'answered'],
    ['another of the numbers', { to: SUPPORT }, { by: dana, to: sales }, 'not'],
    ['the other number, written to', { to: SUPPORT }, { by: dana, to: support }, 'answered'],
    ['a number that is known with its LID', { to: SALES }, { by: dana, to: salesByBoth }, 'answered'],
    ['the LID of the number', { to: SALES_LID }, { by: dana, to: salesByBoth }, 'answered'],
    ['the LID of another of the numbers', { to: SALES_LID }, { by: dana, to: support }, 'not'],
    ['the LID, where it is not known', { to: SALES_LID }, { by: dana, to: sales }, 'held'],
    ['each number its own agent, the first', [{ to: SALES }, { to: SUPPORT }], { by: dana, to: sales }, 'by the first'],
    [
      'each number its own agent, the second',
      [{ to: SALES }, { to: SUPPORT }],
      { by: dana, to: support },
      'by the second',
    ],
    ['whoever wrote is not whom it was written to', { to: PHONE }, { by: dana, to: sales }, 'not'],
    ['the number, in a group', { to: SALES }, { by: dana, in: TEAM, to: sales }, 'answered'],
  ],
  'of texts': [
    ['a part of it', { text_regex: 'deploy' }, { by: dana, text: 'please deploy prod' }, 'answered'],
    ['what is not in it', { text_regex: 'deploy' }, { by: dana, text: 'please restart prod' }, 'not'],
    ['its beginning', { text_regex: '^deploy' }, { by: dana, text: 'deploy prod' }, 'answered'],
    ['its beginning, where it stands later', { text_regex: '^deploy' }, { by: dana, text: 'please deploy' }, 'not'],
    ['its end', { text_regex: 'prod$' }, { by: dana, text: 'deploy prod' }, 'answered'],
    ['its end, where more follows', { text_regex: 'prod$' }, { by: dana, text: 'prod is down' }, 'not'],
    ['the whole of it', { text_regex: '^stop$' }, { by: dana, text: 'stop' }, 'answered'],
    ['the whole of it, which is a line of it', { text_regex: '^stop$' }, { by: dana, text: 'now\nstop' }, 'not'],
    ['a line of it, by the flag m', { text_regex: '(?m)^stop$' }, { by: dana, text: 'now\nstop\nplease' }, 'answered'],
    ['another case', { text_regex: 'deploy' }, { by: dana, text: 'DEPLOY' }, 'not'],
    ['another case, by the flag i', { text_regex: '(?i)deploy' }, { by: dana, text: 'DePloy' }, 'answered'],
    ['across lines', { text_regex: 'a.b' }, { by: dana, text: 'a\nb' }, 'not'],
    ['across lines, by the flag s', { text_regex: '(?s)a.b' }, { by: dana, text: 'a\nb' }, 'answered'],
    ['one of two', { text_regex: 'stop|halt' }, { by: dana, text: 'halt!' }, 'answered'],
    ['letters of other scripts', { text_regex: 'שלום' }, { by: dana, text: 'אז שלום' }, 'answered'],
    ['one emoji as one letter', { text_regex: '^.$' }, { by: dana, text: '👍' }, 'answered'],
    ['a message without a text', { text_regex: 'deploy' }, { by: dana, text: '' }, 'not'],
    ['a message without a text, by what is empty', { text_regex: '^$' }, { by: dana, text: '' }, 'answered'],
    ['the last of the first 16 kB', { text_regex: 'stop' }, { by: dana, text: `${SPAN}stop` }, 'answered'],
    ['what is cut by them', { text_regex: 'stop' }, { by: dana, text: `${SPAN}xstop` }, 'not'],
    ['what comes after them', { text_regex: 'stop' }, { by: dana, text: `${SPAN}xxxxstop` }, 'not'],
    ['their end as its end', { text_regex: 'x$' }, { by: dana, text: `${SPAN}xxxxstop` }, 'answered'],
    ['of whoever is known by the LID alone', { text_regex: 'deploy' }, { by: danaByLid, text: 'deploy' }, 'answered'],
  ],
  'of mentions and kinds of chats': [
    ['a mention', { mentioned: true }, { by: dana, in: TEAM, mentioned: true }, 'answered'],
    ['no mention, where one is asked for', { mentioned: true }, { by: dana, in: TEAM }, 'not'],
    ['no mention', { mentioned: false }, { by: dana, in: TEAM }, 'answered'],
    ['a mention, where none is asked for', { mentioned: false }, { by: dana, in: TEAM, mentioned: true }, 'not'],
    ['a mention, where nothing is said of it', { group: TEAM }, { by: dana, in: TEAM, mentioned: true }, 'answered'],
    ['a mention in a direct chat', { mentioned: true }, { by: dana, mentioned: true }, 'answered'],
    ['a group', { chat_type: 'group' }, { by: dana, in: TEAM }, 'answered'],
    ['a group, directly', { chat_type: 'group' }, { by: dana }, 'not'],
    ['a direct chat', { chat_type: 'direct' }, { by: dana }, 'answered'],
    ['a direct chat, in a group', { chat_type: 'direct' }, { by: dana, in: TEAM }, 'not'],
  ],
  'of several keys at once': [
    ['all hold', { from: PHONE, text_regex: 'go' }, { by: dana, text: 'go' }, 'answered'],
    ['the second fails', { from: PHONE, text_regex: 'go' }, { by: dana, text: 'stop' }, 'not'],
    ['the first fails', { from: PHONE, text_regex: 'go' }, { by: eli, text: 'go' }, 'not'],
    ['one of all of them fails', { from: PHONE, group: TEAM, to: SUPPORT }, { by: dana, in: TEAM, to: sales }, 'not'],
    [
      'all of them hold',
      {
        channel: 'whatsapp',
        from: PHONE,
        group: TEAM,
        to: SALES,
        text_regex: 'go',
        mentioned: true,
        chat_type: 'group',
      },
      { by: dana, in: TEAM, to: sales, text: 'let us go', mentioned: true },
      'answered',
    ],
    ['a group and one of its participants', { group: TEAM, from: PHONE }, { by: eli, in: TEAM }, 'not'],
    ['one is unknown and one fails', { from: PHONE, mentioned: true }, { by: danaByLid, in: TEAM }, 'not'],
    ['one is unknown and its text fails', { from: PHONE, text_regex: 'go' }, { by: danaByLid, text: 'stop' }, 'not'],
    ['one is unknown and the rest holds', { from: PHONE, text_regex: 'go' }, { by: danaByLid, text: 'go' }, 'held'],
  ],
  'of several rules': [
    ['both hold', [{ from: PHONE }, {}], { by: dana }, 'by the first'],
    ['the same two, in the other order', [{}, { from: PHONE }], { by: dana }, 'by the first'],
    [
      'a narrow one after a wide one',
      [{ group: TEAM }, { group: TEAM, from: PHONE }],
      { by: dana, in: TEAM },
      'by the first',
    ],
    ['the first fails', [{ from: OTHER_PHONE }, {}], { by: dana }, 'by the second'],
    ['two fail', [{ from: OTHER_PHONE }, { mentioned: true }, {}], { by: dana }, 'by the third'],
    ['all fail', [{ from: OTHER_PHONE }, { group: TEAM }], { by: dana }, 'not'],
    ['the first may yet hold', [{ from: PHONE }, {}], { by: danaByLid }, 'held'],
    ['one behind what holds may yet hold', [{}, { from: PHONE }], { by: danaByLid }, 'by the first'],
    ['one between may yet hold', [{ mentioned: true }, { from: PHONE }, {}], { by: danaByLid }, 'held'],
    ['the first cannot hold, whoever it is', [{ from: PHONE, group: TEAM }, {}], { by: danaByLid }, 'by the second'],
    ['the first is off', [{ from: PHONE, off: true }, {}], { by: dana }, 'by the second'],
    ['the only one is off', [{ off: true }], { by: dana }, 'not'],
    ['what may yet hold is off', [{ from: PHONE, off: true }, {}], { by: danaByLid }, 'by the second'],
    ['two say the same', [{ from: PHONE }, { from: LID }], { by: dana }, 'by the first'],
  ],
}

const ROWS = Object.entries(TABLE).flatMap(([of, rows]) => rows.map(row => ({ of, row })))

const rulesOf = ([, rules]: Row): readonly Written[] => (Array.isArray(rules) ? rules : [rules as Written])

const orgOf = (at: number): OrgId => given(parseOrgId(`org_${at}`))

let opened: OpenedStore

/** Each row is an org of its own, whose bindings were made as the API makes them. */
beforeAll(async () => {
  opened = await emptyStore()
  const bindings = new Bindings({
    store: opened.store,
    agents: agentsThat(echo),
    log: keptLog().log,
    ask: async () => undefined,
    patterns: patternsInPlace,
  })
  for (const [at, { row }] of ROWS.entries()) {
    for (const { off, ...match_rule } of rulesOf(row)) {
      const request = bindingCreateRequest.parse({ agent: 'echo', match_rule, enabled: off !== true })
      await bindings.create(orgOf(at), request)
    }
  }
})

afterAll(() => opened[Symbol.asyncDispose]())

const ruleCache = new RuleCache()
const PLACES: readonly Expected[] = ['by the first', 'by the second', 'by the third']

async function became(at: number, [, , said]: Row): Promise<Expected> {
  const rules = await ruleCache.rulesOf(opened.store.connection, orgOf(at))
  const { by, to = sales, text = 'hello', mentioned = false } = said
  const chat: Chat = said.in === undefined ? direct(by) : { kind: 'group', group: given(parseGroupId(said.in)) }
  const resolution = resolved(rules, { chat, sender: by, receiver: to, text, mentioned })
  if (resolution.outcome === 'matched') return given(PLACES[resolution.binding.position - 1])
  return resolution.reason === 'identity_unknown' ? 'held' : 'not'
}

describe('what rules take', () => {
  it('is told by more than a hundred rows, none of them twice', () => {
    expect(ROWS.length).toBeGreaterThan(100)
    expect(new Set(ROWS.map(({ row: [, ...said] }) => JSON.stringify(said))).size).toBe(ROWS.length)
  })

  it.each(ROWS.map(({ of, row }, at) => ({ name: `${of}: ${row[0]} → ${row[3]}`, at, row })))(
    '$name',
    async ({ at, row }) => {
      const expected = row[3] === 'answered' ? 'by the first' : row[3]
      expect(await became(at, row)).toBe(expected)
    },
  )
})

describe('what is no rule', () => {
  it.each<[string, Record<string, unknown>]>([
    ['another channel', { channel: 'slack' }],
    ['a key that there is not', { form: PHONE }],
    ['a group as the one who wrote', { from: TEAM }],
    ['a group as what it was written to', { to: TEAM }],
    ['two names of the sender', { from: PHONE, phone: PHONE }],
    ['nobody’s address', { from: 'dana' }],
    ['a mention that is no truth', { mentioned: 'yes' }],
    ['a kind of chat that there is not', { chat_type: 'channel' }],
    ['a pattern of 513 letters', { text_regex: 'x'.repeat(513) }],
    ['an empty pattern', { text_regex: '' }],
  ])('is refused before it is kept: %s', (_, match_rule) => {
    expect(bindingCreateRequest.safeParse({ agent: 'echo', match_rule }).success).toBe(false)
  })

  it('may have a pattern of 512 letters', () => {
    expect(bindingCreateRequest.safeParse({ agent: 'echo', match_rule: { text_regex: 'x'.repeat(512) } }).success).toBe(
      true,
    )
  })
})
