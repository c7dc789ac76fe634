import { on, setMaxListeners } from 'node:events'

import { drawing } from '../../support/drawing.ts'
import { numberOf } from '../../support/full-org.ts'
import type { Arena, Row, Tally } from './arena.ts'
import type { FromAssault, ToAssault } from './assault-contract.ts'
import { callRows, routeRows } from './callers.ts'
import { lane } from './lanes.ts'
import { frameRows } from './strangers.ts'
import { patternRows, policyRows } from './tenants.ts'
import { agentRows, fileRows, messageRows, peopleOf, textRows } from './writers.ts'

/** How many try the same at once, and how long each waits before the next. */
type Haste = { readonly atOnce: number; readonly pauseMs: number }
const CALLS: Haste = { atOnce: 3, pauseMs: 20 }
/** What comes over WhatsApp comes as fast as it lets somebody write; more of it is what the whole attack is for. */
const WRITTEN: Haste = { atOnce: 1, pauseMs: 400 }
const WRITTEN_KINDS: ReadonlySet<string> = new Set(['text', 'message', 'file', 'agent'])
const BINDINGS = 1_900
const LONG_MESSAGES = 40
const HARD = '\u0001'.repeat(65_536)

/** Org B has nearly as much as it may, and messages as long as phones write them. */
async function fill({ request, admins, network, ours }: Arena): Promise<void> {
  const lanes = admins.map(async (token, n) => {
    for (let at = n; at < BINDINGS;) {
      const body = JSON.stringify({ agent: 'echo', match_rule: { from: numberOf(at), chat_type: 'group' } })
      const headers = { 'content-type': 'application/json' }
      const { status } = await request('/api/v1/bindings', { method: 'POST', token, headers, body })
      if (status !== 429) at += admins.length
    }
  })
  const author = await network.phone('one with long words')
  for (let n = 0; n < LONG_MESSAGES; n += 1) await author.says(HARD, { to: ours })
  await Promise.all(lanes)
}

/** Each row of the tables. */
async function rowsOf(arena: Arena): Promise<Row[]> {
  const scene = { arena, people: await peopleOf(arena) }
  return [
    ...(await callRows(arena)),
    ...(await routeRows(arena)),
    ...frameRows(arena),
    ...textRows(scene),
    ...messageRows(scene),
    ...fileRows(scene),
    ...agentRows(scene),
    ...policyRows(arena),
    ...patternRows(arena),
  ]
}

type Playing = { readonly ending: AbortController; readonly over: Promise<unknown>; readonly tally: Tally }

function begun({ kind, deed }: Row, seed: number): Playing {
  const { atOnce, pauseMs } = WRITTEN_KINDS.has(kind) ? WRITTEN : CALLS
  const ending = new AbortController()
  setMaxListeners(0, ending.signal)
  const tally: Tally = { accepted: 0, refused: 0, broken: 0 }
  const lanes = Array.from({ length: atOnce }, (_, n) =>
    lane(deed, drawing(seed + n), { tally, pauseMs, signal: ending.signal }),
  )
  return { ending, over: Promise.all(lanes), tally }
}

/** Plays the row that it is told, until it is told to rest; ends when it is told to stop. */
export async function playRows(arena: Arena, seed: number, tell: (message: FromAssault) => void): Promise<void> {
  const told = on(process, 'message') as AsyncIterable<[ToAssault]>
  await fill(arena)
  const rows = await rowsOf(arena)
  tell({ say: 'rows', rows: rows.map(({ kind, name }) => ({ kind, name })) })
  let playing: Playing | null = null
  for await (const [message] of told) {
    if (message.say === 'stop') return
    const row = message.say === 'play' ? rows[message.row] : undefined
    if (row) playing = begun(row, seed)
    if (message.say !== 'rest' || !playing) continue
    playing.ending.abort()
    await playing.over
    tell({ say: 'rested', tally: playing.tally })
  }
}
