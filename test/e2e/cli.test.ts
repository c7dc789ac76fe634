import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { checkModes } from '../../client/checks/modes.ts'
import { approvalListResponse, approvalSchema } from '../../plugin/contract/api/approvals.ts'
import {
  bindingCreateResponse,
  bindingDeleteResponse,
  bindingExplainResponse,
  bindingListResponse,
  bindingReplayResponse,
} from '../../plugin/contract/api/bindings.ts'
import {
  policyDeleteResponse,
  policyListResponse,
  policyPutResponse,
  policySchema,
  policyTestResponse,
} from '../../plugin/contract/api/policies.ts'
import { sendResponse, sendStatusResponse } from '../../plugin/contract/api/sends.ts'
import { qrStatusResponse } from '../../plugin/contract/api/pairing.ts'
import { messageSchema } from '../../plugin/contract/api/messages.ts'
import { channelsResponse } from '../../plugin/contract/api/channels.ts'
import { madeUp } from '../support/artifacts.ts'
import { commandLine, type CommandLine, ESCAPE } from '../support/command-line.ts'
import { followMessages } from '../support/events.ts'
import type { PhoneCharacter } from '../support/network.ts'
import { PAGE_POLICY } from '../support/policy-folder.ts'
import { given } from '../support/given.ts'
import { startStory, type Story } from '../support/story.ts'
import { ON_DARK, ON_WHITE, scanPrinted } from '../support/terminal-code.ts'

/** The cursor goes up so many lines, and all below it is erased. */
const UP = new RegExp(`${ESCAPE}\\[\\d+A${ESCAPE}\\[J`)
const GREEN = `${ESCAPE}[32m`
const LARGE_BYTES = 3_000_000

let story: Story
let cli: CommandLine
let owner: PhoneCharacter
let alice: PhoneCharacter

beforeAll(async () => {
  story = await startStory({ network: { media: true } })
  cli = commandLine({ AGENTCY_URL: story.host.url, AGENTCY_TOKEN: story.host.token, HOME: story.host.home })
  owner = await story.network.phone('owner')
  alice = await story.network.phone('alice')
})
afterAll(async () => {
  cli?.[Symbol.dispose]()
  await story?.[Symbol.asyncDispose]()
})

const times = (text: string, part: string): number => text.split(part).length - 1
const linesOf = (out: string): string[] => out.trimEnd().split('\n')

/** How long the codes of a pairing last. */
async function codesLast(first_seconds: number, next_seconds: number): Promise<void> {
  await story.host.writeSettings({ whatsapp: { qr: { first_seconds, next_seconds }, limits: { reload_seconds: 0 } } })
  await story.client.channels.reload.mutate()
}

it('pair ends with 1 when nobody took its code in time, each printed once', async () => {
  await codesLast(1, 1)
  const [toScan, toType] = await Promise.all([
    cli.piped(['pair', '--account', 'sales']).ended,
    cli.piped(['pair', '--code', '-'], owner.phone).ended,
  ])
  for (const { status, out, err } of [toScan, toType]) {
    expect([status, err]).toEqual([1, expect.stringContaining('the code expired')])
    expect(out).not.toContain(ESCAPE)
  }
  expect(times(toScan.out, 'This code is valid for')).toBe(6)
  expect(times(toType.out, 'This code is valid for')).toBe(1)
  await codesLast(60, 20)
})

it('pair --code shows what is to be typed until it was; another code links nothing', async () => {
  const desk = await story.network.phone('desk')
  const pairing = cli.onTerminal(['pair', '--account', 'desk', '--code', desk.phone])
  const [code = ''] = /[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(await pairing.until(out => out.includes('valid for'))) ?? []
  const another = code.replace(/^./, first => (first === '2' ? '3' : '2'))
  expect(await desk.entersCode(another)).toMatchObject({ linked: false })
  expect(await desk.entersCode(code)).toMatchObject({ linked: true })
  const { status, out } = await pairing.ended
  expect([status, out.trimEnd().split('\n').at(-1)]).toEqual([0, expect.stringContaining(`Linked: ${desk.phone}`)])
  expect(out).toMatch(UP)
})

it('on a terminal the second code takes the place of the first, and a phone that scans it is linked', async () => {
  await codesLast(2, 20)
  const pairing = cli.onTerminal(['pair'])
  const printed = await pairing.until(out => times(out, 'This code is valid for') === 2)
  expect(printed).toMatch(UP)
  await owner.scan(given(scanPrinted(printed, ON_WHITE)))
  const { status, out } = await pairing.ended
  expect(status).toBe(0)
  expect(out.trimEnd().endsWith(`Linked: ${owner.phone}`)).toBe(true)

  await codesLast(60, 20)
  const again = await cli.onTerminal(['pair']).ended
  expect([again.status, again.out]).toEqual([1, expect.stringContaining('(already_connected, req_')])
})

it('piped, each code is printed once with nothing that steers a terminal, and as JSON it is what the API says', async () => {
  const [sales, support] = [await story.network.phone('sales'), await story.network.phone('support')]
  const pairing = cli.piped(['pair', '--account', 'sales'])
  await sales.scan(given(scanPrinted(await pairing.until(out => out.includes('This code is')), ON_DARK)))
  const ended = await pairing.ended
  expect(ended).toMatchObject({ status: 0, err: '' })
  expect(ended.out).not.toContain(ESCAPE)
  expect(ended.out.endsWith(`\nLinked: ${sales.phone}\n`)).toBe(true)

  const asJson = cli.piped(['pair', '--account', 'support', '--json'])
  const first = qrStatusResponse.parse(JSON.parse((await asJson.until(out => out.includes('\n'))).split('\n')[0] ?? ''))
  await support.scan(first.status === 'pending' ? given(first.qr_data_url) : '')
  const { status, out } = await asJson.ended
  expect(status).toBe(0)
  const states = out
    .trimEnd()
    .split('\n')
    .map(line => qrStatusResponse.parse(JSON.parse(line)))
  expect(states.at(-1)).toEqual({ status: 'connected', account: 'support', phone: support.phone })
})

it('status is coloured on a terminal alone, and not when nobody wants colours', async () => {
  const [onTerminal, colourless, piped, asJson] = await Promise.all(
    [
      cli.onTerminal(['status']),
      cli.onTerminal(['status'], { NO_COLOR: '1' }),
      cli.piped(['status']),
      cli.piped(['status', '--json']),
    ].map(each => each.ended),
  )
  expect(onTerminal?.out).toContain(`default: ${GREEN}connected${ESCAPE}[39m · ${owner.phone}`)
  expect(colourless?.out.replaceAll('\r', '')).toBe(piped?.out)
  expect(piped).toMatchObject({ status: 0, err: '' })
  expect(piped?.out).not.toContain(ESCAPE)
  expect(piped?.out).toContain(`  default: connected · ${owner.phone}\n`)
  expect(channelsResponse.parse(JSON.parse(asJson?.out ?? '')).channels[0]?.accounts).toHaveLength(4)
})

it('status --watch draws a link that ends in the place of how it was, until Ctrl-C; piped below it', async () => {
  const onTerminal = cli.onTerminal(['status', '--watch'])
  const piped = cli.piped(['status', '--watch', '--json'])
  await onTerminal.until(out => out.includes('support'))
  await piped.until(out => out.includes('support'))
  await story.client.whatsapp.unpair.mutate({ account: 'support' })
  const drawn = await onTerminal.until(out => UP.test(out) && !(out.split(UP).at(-1) ?? '').includes('support'))
  expect(drawn.split(UP).length).toBeGreaterThan(1)
  await piped.until(out => !(out.trimEnd().split('\n').at(-1) ?? '').includes('support'))
  for (const each of [onTerminal, piped]) each.interrupt()
  expect(await onTerminal.ended).toMatchObject({ status: 0 })
  const ended = await piped.ended
  expect(ended).toMatchObject({ status: 0, err: '' })
  expect(ended.out).not.toContain(ESCAPE)
  for (const line of ended.out.trimEnd().split('\n')) channelsResponse.parse(JSON.parse(line))
})

it('send reads its text from what is piped in, and waits for the tick', async () => {
  const sending = cli.piped(['send', alice.phone, '-', '--wait', 'delivered', '--json'], 'from a pipe\n')
  await alice.hears('from a pipe', { from: owner })
  const { status, out, err } = await sending.ended
  expect([status, err]).toEqual([0, ''])
  const [accepted = '', end = ''] = linesOf(out)
  const { id } = sendResponse.parse(JSON.parse(accepted))
  expect(sendStatusResponse.parse(JSON.parse(end))).toMatchObject({ id, status: 'delivered' })

  const waiting = cli.onTerminal(['send', alice.phone, 'from a terminal', '--wait', 'read'])
  await alice.reads((await alice.hears('from a terminal', { from: owner })).id)
  const ended = await waiting.ended
  expect(ended.status).toBe(0)
  expect(ended.out).toContain(`${ESCAPE}[32mread ✓✓${ESCAPE}[39m snd_`)

  const refused = await cli.piped(['send', alice.phone, 'x', '--reply-to', 'msg_unknown']).ended
  expect(refused).toEqual({ status: 1, out: '', err: expect.stringContaining('(not_found, req_') })
})

it('send brings a large file, with a bar on a terminal alone', async () => {
  const bytes = madeUp(LARGE_BYTES, 'a large file')
  const path = join(story.host.home, 'large.bin')
  await writeFile(path, bytes)
  const words = ['send', alice.phone, 'the plan', '--file', path, '--wait', 'delivered']
  const [onTerminal, piped] = await Promise.all([cli.onTerminal(words).ended, cli.piped(words).ended])
  expect(onTerminal).toMatchObject({ status: 0 })
  expect(onTerminal.out).toMatch(UP)
  for (const label of ['to the host     ', 'host to WhatsApp']) {
    expect(onTerminal.out).toContain(`${label} ████████████████████████ 100%  3.0 of 3.0 MB`)
  }
  expect(piped).toMatchObject({ status: 0, err: '' })
  expect(piped.out).toMatch(/^accepted snd_\w+\ndelivered ✓✓ snd_\w+\n$/)
  const heard = await alice.hears(({ content }) => Buffer.from(content, 'base64').includes('the plan'), {
    from: owner,
  })
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  expect(await alice.opensFile(heard.id)).toMatchObject({ sha256, sizeBytes: LARGE_BYTES })
})

it('tail prints what comes, coloured on a terminal and as JSON in a pipe, until Ctrl-C', async () => {
  const onTerminal = cli.onTerminal(['tail'])
  const piped = cli.piped(['tail', '--json'])
  // Whoever has a line of its own has begun; what was said before that is nobody's.
  using messages = followMessages(story.client)
  const both = Promise.all([onTerminal, piped].map(each => each.until(out => out.includes('can you hear'))))
  let isHeard = false
  void both.then(() => (isHeard = true))
  for (let nth = 1; !isHeard; nth += 1) {
    await alice.says(`can you hear me? ${nth}`, { to: owner })
    await messages.until(({ data }) => data.text === `can you hear me? ${nth}`)
  }
  for (const each of [onTerminal, piped]) each.interrupt()
  const [drawn, ended] = await Promise.all([onTerminal.ended, piped.ended])
  expect([drawn.status, ended.status, ended.err]).toEqual([0, 0, ''])
  expect(drawn.out).toContain(`${ESCAPE}[32m←${ESCAPE}[39m ${alice.phone} ~alice: can you hear me?`)
  expect(ended.out).not.toContain(ESCAPE)
  for (const line of linesOf(ended.out)) expect(messageSchema.parse(JSON.parse(line)).from).toBe(alice.phone)
})

it('bindings are made, changed, put in order, explained and removed', async () => {
  const first = await cli.told(bindingCreateResponse, ['bindings', 'create', 'echo', '--from', '+972500000077'])
  const created = await cli.shown(['bindings', 'create', 'incident-responder', '--chat-type', 'direct', '--disable'])
  const second = given(/bnd_\w+/.exec(created))[0]
  expect(created).toContain('incident-responder  chat_type direct  disabled')
  await cli.shown(['bindings', 'update', first.id, '--text-regex', '^invoice'])
  const updated = await cli.told(bindingCreateResponse, [
    'bindings',
    'update',
    second,
    '--enable',
    '--from',
    alice.phone,
  ])
  expect(updated).toMatchObject({ enabled: true, match_rule: { from: alice.phone } })

  const reordered = await cli.told(bindingListResponse, ['bindings', 'reorder', second, first.id])
  expect(reordered.bindings.map(({ id }) => id)).toEqual([second, first.id])
  expect(await cli.shown(['bindings', 'reorder', first.id, second])).toContain(`${first.id}  echo `)
  const [list, table] = await Promise.all([
    cli.told(bindingListResponse, ['bindings', 'list']),
    cli.shown(['bindings', 'list']),
  ])
  expect(list.bindings.map(({ match_rule }) => match_rule)).toEqual([{ text_regex: '^invoice' }, { from: alice.phone }])
  expect(table).toContain('text_regex ^invoice')

  const made = ['bindings', 'explain', '--from', alice.phone, '--text', '-']
  const why = await cli.told(bindingExplainResponse, made, 'hello')
  expect(why).toMatchObject({ outcome: 'matched', binding_id: second })
  const { messages } = await story.client.whatsapp.messages.list.query({})
  const unmatched = messages.filter(({ outcome }) => outcome.startsWith('unmatched')).map(({ id }) => id)
  const explained = await cli.shown(['bindings', 'explain', given(unmatched[0])])
  expect(explained).toMatch(/^Then: nobody answered \(.+\)\. Now: incident-responder would answer\.\n/)
  expect(explained).toContain(`echo: ${ESCAPE}[2mfails${ESCAPE}[22m\n     no       text_regex ^invoice`)

  const replayed = await cli.told(bindingReplayResponse, ['bindings', 'replay', given(unmatched[0])])
  expect(replayed).toEqual({ outcome: 'matched', binding_id: second })
  const again = await cli.onTerminal(['bindings', 'replay', given(unmatched[0])]).ended
  expect([again.status, again.out]).toEqual([1, expect.stringContaining('(message_not_unmatched, req_')])

  expect(await cli.told(bindingDeleteResponse, ['bindings', 'delete', first.id])).toEqual({
    status: 'deleted',
    id: first.id,
  })
  const gone = await cli.onTerminal(['bindings', 'delete', first.id]).ended
  expect([gone.status, gone.out]).toEqual([1, expect.stringContaining('(not_found, req_')])
})

it('policies are put, tested and removed; one that does not compile is refused with its row', async () => {
  const file = join(story.host.home, 'page.rego')
  await writeFile(file, PAGE_POLICY)
  expect(await cli.told(policyPutResponse, ['policies', 'put', 'whatsapp', '-'], PAGE_POLICY)).toMatchObject({
    name: 'whatsapp',
  })
  expect(await cli.shown(['policies', 'put', 'page', file])).toBe('in_force page\n')
  const broken = await cli.piped(
    ['policies', 'put', 'broken', '-'],
    'package agentcy.broken\n\ndeny[msg] {\n  msg := \n}\n',
  ).ended
  expect([broken.status, broken.err]).toEqual([
    1,
    expect.stringMatching(/\(policy_refused, req_\w+\)\n {2}broken:5:1: /),
  ])

  const input = JSON.stringify({ resource: { tool: 'service.restart', tool_effect: 'write' } })
  const trial = await cli.told(policyTestResponse, ['policies', 'test'], input)
  expect(trial).toMatchObject({ decision: 'approval_required' })
  const inputFile = join(story.host.home, 'input.json')
  await writeFile(inputFile, input)
  const drawn = await cli.shown(['policies', 'test', inputFile])
  expect(drawn).toMatch(new RegExp(`^${ESCAPE}\\[33mapproval_required${ESCAPE}\\[39m in \\d+\\.\\d\\d ms\n`))
  expect(drawn).toContain('agentcy.whatsapp.deny')
  const invalid = await cli.piped(['policies', 'test'], '{"subject":{"role":"god"}}').ended
  expect([invalid.status, invalid.err]).toEqual([1, expect.stringContaining('subject.role')])

  expect(await cli.told(policySchema, ['policies', 'get', 'page'])).toEqual({ name: 'page', source: PAGE_POLICY })
  expect(await cli.shown(['policies', 'get', 'page'])).toBe(PAGE_POLICY)
  expect(await cli.told(policyDeleteResponse, ['policies', 'delete', 'page'])).toMatchObject({ name: 'page' })
  const [list, table] = await Promise.all([
    cli.told(policyListResponse, ['policies', 'list']),
    cli.shown(['policies', 'list']),
  ])
  expect(list).toMatchObject({ status: 'in_force', problems: [] })
  expect(linesOf(table)[0]).toBe('in_force')
  for (const { name } of list.policies) expect(table).toContain(`${name} `)
  expect((await cli.onTerminal(['policies', 'delete', 'page']).ended).status).toBe(1)
})

it('approvals are listed, given and refused with a note that the agent sees', async () => {
  await alice.says('restart api', { to: owner })
  await alice.hears(({ text }) => text.includes('asked for approval'), { from: owner })
  const pending = await cli.told(approvalListResponse, ['approvals', 'list', '--status', 'pending'])
  const { id } = given(pending.approvals[0])
  expect(await cli.shown(['approvals', 'list'])).toContain(`${id}  ${ESCAPE}[33mpending${ESCAPE}[39m  service.restart`)
  expect(await cli.shown(['approvals', 'approve', id])).toBe(`${ESCAPE}[32mapproved${ESCAPE}[39m ${id}\n`)
  await alice.hears('api: restarted', { from: owner })

  await alice.says('restart web', { to: owner })
  await alice.hears(({ text }) => text.includes('asked for approval'), { from: owner })
  const next = await cli.told(approvalListResponse, ['approvals', 'list', '--status', 'pending'])
  const other = given(next.approvals[0]).id
  const denied = await cli.told(approvalSchema, ['approvals', 'deny', other, '--note', 'not on a Friday'])
  expect(denied).toMatchObject({ status: 'denied', note: 'not on a Friday' })
  await alice.hears(({ text }) => text.includes('not on a Friday'), { from: owner })
  const late = await cli.piped(['approvals', 'approve', other]).ended
  expect([late.status, late.err]).toEqual([1, expect.stringContaining('(approval_decided, req_')])
})

it('what the host has kept of all this nobody else may open', async () => {
  for (const name of ['agentcy', 'openfang']) {
    expect(await checkModes(name, join(story.host.home, name))).toMatchObject({ ok: true, todo: null })
  }
})
