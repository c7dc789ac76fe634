import { type FileHandle, open, stat } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'

/** A longer line cannot be a log line, so it is returned in pieces. */
const LINE_MOST = 1_048_576
const PIECE_BYTES = 65_536
const LOOK_MS = 250

/** Splits a stream of pieces into lines. The last line may have no line break. */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const piece of pieces) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
    if (rest.length > LINE_MOST) {
      yield rest
      rest = ''
    }
  }
  if (rest !== '') yield rest
}

/** `signal` ends the following. `onEnd` is called each time the end of the file is reached. */
export type Following = { readonly signal: AbortSignal; readonly onEnd: () => void }

/** Reads a file in pieces. With `following` also what is appended later, and the content of a file that replaces it. */
export async function* piecesOf(path: string, following: Following | null): AsyncGenerator<Uint8Array, void> {
  let file = await open(path)
  let read = 0
  try {
    for (;;) {
      for (let piece = await pieceOf(file); piece.length > 0; piece = await pieceOf(file)) {
        read += piece.length
        yield piece
      }
      if (following === null) return
      following.onEnd()
      await pause(LOOK_MS, undefined, { signal: following.signal }).catch(() => undefined)
      if (following.signal.aborted) return
      if (!(await isReplaced(file, path, read))) continue
      await file.close()
      file = await open(path)
      read = 0
    }
  } finally {
    await file.close()
  }
}

async function pieceOf(file: FileHandle): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(PIECE_BYTES), 0, PIECE_BYTES, null)
  return buffer.subarray(0, bytesRead)
}

/**
 * Whether another file has this path by now, or the file was truncated. If the path does not exist at the moment, it waits for it.
 */
async function isReplaced(file: FileHandle, path: string, read: number): Promise<boolean> {
  const there = await stat(path).catch(() => null)
  return there !== null && (there.ino !== (await file.stat()).ino || there.size < read)
}
