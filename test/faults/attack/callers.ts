import { setTimeout as pause } from 'node:timers/promises'

import * as fc from 'fast-check'

import type { ProcedurePath } from '../../../plugin/api/trpc/procedures.ts'
import { BASE_PATH, ROUTES } from '../../../plugin/api/rest/routes.ts'
import { oneOf, type Draw } from '../../support/drawing.ts'
import type { FullOrg } from '../../support/full-org.ts'
import { anyJson } from '../../support/nonsense.ts'
import { openRawCaller } from '../../support/raw-caller.ts'
import { WORST_INPUTS, type WorstInput } from '../../support/worst-inputs.ts'
import { WORST_ROUTES } from '../../support/worst-routes.ts'
import { outcomeOf, type Arena, type Deed, type Outcome, type Row } from './arena.ts'

type Caller = Awaited<ReturnType<typeof openRawCaller>>

const AT_ONCE = 16
const FRAME_BYTES = 1_000_000
const WATCHES = 50
const WATCHED_MS = 3_000
const UPLOAD_MOST_BYTES = 4 * 2 ** 20
const ROWS = Object.entries(WORST_INPUTS) as [ProcedurePath, WorstInput<unknown>][]

/** What org B has by now, as far as its own lists tell. */
async function orgOf({ request, admins: [token = ''], ours }: Arena): Promise<FullOrg> {
  const list = async (path: string, name: string): Promise<{ id: string }[]> => {
    const { text } = await request(`/api/v1${path}`, { token })
    return ((JSON.parse(text) as Record<string, { id: string }[]>)[name] ?? []).filter(({ id }) => id !== undefined)
  }
  const idsOf = async (path: string, name: string) => (await list(path, name)).map(({ id }) => id)
  const [messages, bindings, sends, turns, approvals] = await Promise.all([
    idsOf('/channels/whatsapp/messages?limit=20', 'messages'),
    idsOf('/bindings', 'bindings'),
    idsOf('/channels/whatsapp/sends?limit=50', 'sends'),
    idsOf('/turns?limit=1', 'turns'),
    idsOf('/approvals?limit=50', 'approvals'),
  ])
  const [turn = 'none'] = turns
  const [asked = 'none'] = messages
  const number = ours.phone as FullOrg['number']
  return { number, messages, bindings, sends, turn, asked, approvals, policy: 'whatsapp', session: 'none' }
}

/** One frame of the worst calls of a procedure, each with its own input, as many as it has room for. */
function frameOf(
  org: FullOrg,
  [path, { input }]: (typeof ROWS)[number],
  { most, from }: { most: number; from: number },
) {
  const calls: { path: ProcedurePath; input: unknown }[] = []
  for (let bytes = 0; calls.length < most;) {
    const next = { path, input: input(org, from + calls.length) }
    bytes += JSON.stringify(next).length
    if (bytes > FRAME_BYTES && calls.length > 0) break
    calls.push(next)
  }
  return calls
}

type Calling = (draw: Draw, row: (typeof ROWS)[number], most: number) => Promise<Outcome>

/** Makes org B's calls at their limits, over sockets that are opened again when they were cut off. */
async function callingOf(arena: Arena): Promise<Calling> {
  let org = await orgOf(arena)
  const callers = new Map<string, Caller>()
  let called = 0
  return async (draw, row, most) => {
    called += AT_ONCE
    if (draw(100) === 0) org = await orgOf(arena)
    const token = oneOf(draw, arena.admins)
    const caller = callers.get(token) ?? (await openRawCaller(arena.url, token))
    callers.set(token, caller)
    const [answer] = await caller.ask(frameOf(org, row, { most, from: called }))
    if (answer?.refusal !== 'cut_off') return answer?.refusal === null ? 'accepted' : 'refused'
    caller[Symbol.dispose]()
    callers.delete(token)
    return 'broken'
  }
}

/** Any of them. */
export async function worstCalls(arena: Arena): Promise<Deed> {
  const calling = await callingOf(arena)
  return draw => calling(draw, oneOf(draw, ROWS), draw(4) === 0 ? AT_ONCE : 1)
}

/** Each of them, as many at once as a frame has room for. */
export async function callRows(arena: Arena): Promise<Row[]> {
  const calling = await callingOf(arena)
  return ROWS.map(row => ({
    kind: 'procedure',
    name: `${row[0]}: ${row[1].most}`,
    deed: draw => calling(draw, row, AT_ONCE),
  }))
}

/** Of the routes without a procedure each; not the one that never ends, and none that takes a token away. */
export async function routeRows({ request, admins }: Arena): Promise<Row[]> {
  const [token = ''] = admins
  const { text } = await request('/api/v1/artifacts', { method: 'POST', token, body: Buffer.alloc(UPLOAD_MOST_BYTES) })
  const { artifact_id: artifact } = JSON.parse(text) as { artifact_id: string }
  const rows = Object.entries(WORST_ROUTES).filter(([name]) => !name.endsWith('/stream') && !name.includes('/auth/'))
  return rows.map(([name, { most, call }]) => ({
    kind: 'route',
    name: `${name}: ${most}`,
    deed: async draw => {
      const { method, path, body } = call(artifact)
      const { status } = await request(path, { method, token: oneOf(draw, admins), ...(body && { body }) })
      return outcomeOf(status)
    },
  }))
}

/** Any of them. */
export async function worstRoutes(arena: Arena): Promise<Deed> {
  const rows = await routeRows(arena)
  return draw => oneOf(draw, rows).deed(draw)
}

/** Any JSON to any route. */
export function nonsense({ request, admins }: Arena): Deed {
  return async draw => {
    const { method, path, input } = oneOf(draw, ROUTES)
    const [body] = fc.sample(anyJson, { numRuns: 1, seed: draw(2 ** 31) })
    const query = input.from === 'query' ? `?limit=${draw(1_000)}&before=${draw(10)}` : ''
    const sent = method === 'GET' ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const url = `${BASE_PATH}${path.replace(/:\w+/, `x${draw(1_000)}`)}${query}`
    // Its own number is not given up.
    if (method === 'DELETE' && path.endsWith('/configure')) return 'refused'
    return outcomeOf((await request(url, { method, token: oneOf(draw, admins), ...sent })).status)
  }
}

/** Files without end. */
export function uploads({ request, admins }: Arena): Deed {
  return async draw => {
    const body = Buffer.alloc(1 + draw(UPLOAD_MOST_BYTES), draw(2 ** 16).toString())
    const { status } = await request('/api/v1/artifacts', { method: 'POST', token: oneOf(draw, admins), body })
    return outcomeOf(status)
  }
}

const WATCHED: readonly ProcedurePath[] = [
  'whatsapp.messages.watch',
  'whatsapp.sends.watch',
  'turns.watch',
  'whatsapp.connection.watch',
  'whatsapp.transfers.watch',
]

const RESUMED: ReadonlySet<ProcedurePath> = new Set(['whatsapp.messages.watch', 'whatsapp.sends.watch'])

/** As many subscriptions as a socket may have, from the first event on, some of them of a reader that does not read. */
export function subscriptions({ url, admins }: Arena): Deed {
  return async draw => {
    using caller = await openRawCaller(url, oneOf(draw, admins))
    const path = oneOf(draw, WATCHED)
    const input = RESUMED.has(path) && draw(2) === 0 ? { lastEventId: '0' } : undefined
    const told = caller.ask(Array.from({ length: WATCHES }, () => ({ path, input })))
    if (draw(2) === 0) caller.socket.pause()
    const answers = await Promise.race([told, pause(WATCHED_MS)])
    await pause(WATCHED_MS)
    return answers?.every(({ refusal }) => refusal === null) === false ? 'refused' : 'accepted'
  }
}
