import { once } from 'node:events'

import { WebSocket } from 'ws'

import { type ProcedurePath, PROCEDURES } from '../../plugin/api/trpc/procedures.ts'

/** One call of several in a frame. */
export type RawCall = { readonly path: ProcedurePath; readonly input: unknown }
/** How it was answered first: null, or the code of its refusal, `cut_off` when its socket was closed. */
export type RawAnswer = { readonly refusal: string | null; readonly bytes: number }

const LARGEST = 2 ** 30
const LOOKED_AT = 400
/** More of them are no frame. */
const FRAME_CALLS = 20
const CUT_OFF: RawAnswer = { refusal: 'cut_off', bytes: 0 }

const refusalIn = (head: string): string | null =>
  head.includes('"error":') ? (/"code":"([a-z_]+)"/.exec(head)?.[1] ?? 'unknown') : null

/** The frame of some calls, the first of which has this id. */
function frameOf(calls: readonly RawCall[], first: number): string {
  const frames = calls.map(({ path, input }, n) => {
    const params = input === undefined ? { path } : { path, input: { json: input } }
    return { id: first + n, method: PROCEDURES[path]._def.type, params }
  })
  return JSON.stringify(frames.length === 1 ? frames[0] : frames)
}

/** A WebSocket that makes calls of any size, and looks at no more of the answers than their beginning. */
export async function openRawCaller(url: string, token: string) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/trpc?connectionParams=1`, { maxPayload: LARGEST })
  const waiting = new Map<number, (answer: RawAnswer) => void>()
  let ids = 0
  const tell = (id: number, answer: RawAnswer): void => {
    waiting.get(id)?.(answer)
    waiting.delete(id)
  }
  socket.on('message', (data: Buffer) => {
    const head = data.subarray(0, LOOKED_AT).toString()
    tell(Number(/"id":(\d+)/.exec(head)?.[1]), { refusal: refusalIn(head), bytes: data.length })
  })
  const counting = new Set<{ left: number; readonly reached: () => void }>()
  socket.on('message', () => {
    for (const count of counting) {
      count.left -= 1
      if (count.left === 0) count.reached()
    }
  })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    for (const id of waiting.keys()) tell(id, CUT_OFF)
  })
  await once(socket, 'open')
  socket.send(JSON.stringify({ method: 'connectionParams', data: { token } }))
  return {
    socket,
    /** Makes these calls in as few frames as it takes, and waits for the first answer to each. */
    ask(calls: readonly RawCall[]): Promise<RawAnswer[]> {
      const first = ids + 1
      ids += calls.length
      const answers = calls.map((_, n) => new Promise<RawAnswer>(resolve => waiting.set(first + n, resolve)))
      for (let from = 0; from < calls.length; from += FRAME_CALLS)
        socket.send(frameOf(calls.slice(from, from + FRAME_CALLS), first + from))
      return Promise.all(answers)
    },
    /** Waits until so many frames more have come. */
    heard: (count: number): Promise<void> =>
      new Promise(resolve => {
        const one = { left: count, reached: () => resolve(void counting.delete(one)) }
        counting.add(one)
      }),
    [Symbol.dispose]: () => socket.terminate(),
  }
}
