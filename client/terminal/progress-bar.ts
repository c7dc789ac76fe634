import { createRedraw } from './redraw.ts'
import type { Stream } from './terminal.ts'

const CELLS = 24
const MEGABYTE = 1_000_000

/** The progress as one line: `to the host   ██████░░░░░░  43%  43.0 of 100.0 MB`. */
export function progressLine(label: string, doneBytes: number, totalBytes: number): string {
  const share = totalBytes === 0 ? 1 : Math.min(doneBytes / totalBytes, 1)
  const full = Math.floor(share * CELLS)
  const bar = '█'.repeat(full) + '░'.repeat(CELLS - full)
  const percent = String(Math.floor(share * 100)).padStart(3)
  return `${label} ${bar} ${percent}%  ${megabytes(doneBytes)} of ${megabytes(totalBytes)} MB`
}

const megabytes = (bytes: number): string => (bytes / MEGABYTE).toFixed(1)

/** Reports progress. */
export type Progress = (doneBytes: number, totalBytes: number) => void

/** A progress bar that is redrawn in place. Draws nothing if the stream is not a terminal. */
export function createProgressBar(stream: Stream, label: string): Progress {
  if (stream.isTTY !== true) return () => undefined
  const draw = createRedraw(stream)
  let last = ''
  return (doneBytes, totalBytes) => {
    const line = progressLine(label, doneBytes, totalBytes)
    if (line !== last) draw([line])
    last = line
  }
}
