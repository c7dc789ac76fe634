import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** From the gateway to the network, or back. */
export type Direction = 'up' | 'down'

/** Where a line is reset: in the n-th piece that it carries in a direction, when that share of it has been passed on. */
export type Cut = { readonly direction: Direction; readonly piece: number; readonly share: number }

/** How a line carries what it is given: not at all, slowly, or until it is cut. */
export type Manner =
  | { readonly kind: 'swallow' }
  | { readonly kind: 'slow'; readonly bytesPerSecond: number }
  | { readonly kind: 'cut'; readonly at: Cut }

/** Stands between a gateway and its network, and carries their lines byte for byte unless it is told otherwise. */
export type LineProxy = AsyncDisposable & {
  readonly url: string
  /** How many lines there were. */
  lines(): number
  /** The lines that begin from now on are carried like this; null: as they should be. */
  carryNext(manner: Manner | null): void
  /** Resets the line that is up now, counting its pieces from here; resolves when it is done. */
  cut(at: Cut): Promise<void>
}

type Line = {
  readonly ends: readonly [Socket, Socket]
  cut: { readonly at: Cut; readonly done: () => void } | null
  readonly pieces: Record<Direction, number>
}

export async function startLineProxy(network: { readonly url: string }): Promise<LineProxy> {
  const target = new URL(network.url)
  const lines: Line[] = []
  let next: Manner | null = null
  const server = createServer(gateway => {
    const to = connect({ host: target.hostname, port: Number(target.port) })
    const line: Line = { ends: [gateway, to], cut: null, pieces: { up: 0, down: 0 } }
    lines.push(line)
    if (next?.kind === 'cut') line.cut = { at: next.at, done: () => undefined }
    carry(line, 'up', next)
    carry(line, 'down', next)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(network.url)
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    lines: () => lines.length,
    carryNext: manner => (next = manner),
    cut: at =>
      new Promise<void>(done => {
        const line = lines.at(-1)
        if (!line) throw new Error('there is no line to cut')
        Object.assign(line, { cut: { at, done }, pieces: { up: 0, down: 0 } })
      }),
    [Symbol.asyncDispose]: () => close(server, lines),
  }
}

function carry(line: Line, direction: Direction, manner: Manner | null): void {
  const [from, to] = direction === 'up' ? line.ends : line.ends.toReversed()
  if (!from || !to) return
  from.on('error', () => to.destroy())
  from.on('close', () => to.destroy())
  if (manner?.kind === 'swallow') return void from.resume()
  if (manner?.kind === 'slow') return void trickle(from, to, manner.bytesPerSecond).catch(() => to.destroy())
  from.on('data', piece => {
    const { cut } = line
    const isCut = cut?.at.direction === direction && cut.at.piece === line.pieces[direction]
    line.pieces[direction] += 1
    if (!isCut) return void to.write(piece)
    line.cut = null
    to.write(piece.subarray(0, Math.floor(piece.length * cut.at.share)), () => {
      for (const end of line.ends) end.resetAndDestroy()
      cut.done()
    })
  })
}

const SLICES_PER_SECOND = 10

async function trickle(from: Socket, to: Socket, bytesPerSecond: number): Promise<void> {
  const sliceBytes = Math.ceil(bytesPerSecond / SLICES_PER_SECOND)
  for await (const piece of from as AsyncIterable<Buffer>) {
    for (let start = 0; start < piece.length; start += sliceBytes) {
      to.write(piece.subarray(start, start + sliceBytes))
      await pause(1_000 / SLICES_PER_SECOND)
    }
  }
}

async function close(server: Server, lines: readonly Line[]): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  for (const { ends } of lines) for (const end of ends) end.destroy()
  await closed
}
