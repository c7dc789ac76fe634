import { createWriteStream, lstatSync, readdirSync, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import type { BinaryNode } from '@whiskeysockets/baileys'

import type { Log } from '../../contract/host.ts'
import type { AccountKey } from '../../contract/ids.ts'
import { ensurePrivateFolder } from '../../files/private-path.ts'
import { outlineOf } from './stanza-outline.ts'
import { writtenStanza } from './stanza-text.ts'

/** The trace of one account's connections: which stanzas came and went, without their content. */
export type AccountTrace = {
  /** A connection is opened. */
  readonly began: () => void
  readonly came: (stanza: BinaryNode) => void
  /** A stanza that is written, as Baileys logs it. */
  readonly went: (xml: string) => void
}

/** The trace of all accounts of a process; null for an account while nothing is traced. */
export type Trace = { readonly of: (key: AccountKey) => AccountTrace | null }

/** How much may be traced into one folder, by any number of processes one after the other. */
export type TraceBounds = { readonly bytes: number; readonly ms: number }

export const TRACE_BOUNDS: TraceBounds = { bytes: 50 * 2 ** 20, ms: 86_400_000 }

const NONE: Trace = { of: () => null }
const NAME = /^trace-(\d+)-.*\.jsonl$/
/** How much may wait for a slow disk. More is left out and counted. */
const WAITING_MOST_BYTES = 4 * 2 ** 20

type Parts = { readonly folder: string; readonly log: Log; readonly now: () => number; readonly bounds: TraceBounds }
/** The mutable state of a trace. */
type Life = Parts & { left: number; readonly endsAt: number; stopped: boolean; readonly streams: WriteStream[] }

/** Traces into a private folder, for as long and as much as the bounds allow. Traces nothing when the folder is null or unsafe. */
export function openTrace(folder: string | null, parts: Omit<Parts, 'folder'>): Trace {
  if (folder === null) return NONE
  const fault = ensurePrivateFolder(folder)
  if (fault) {
    parts.log.error({ detail: fault }, 'trace refused')
    return NONE
  }
  const startedAt = parts.now()
  const { bytes, begunAt } = tracedIn(folder)
  const endsAt = (begunAt ?? startedAt) + parts.bounds.ms
  const life: Life = { ...parts, folder, left: parts.bounds.bytes - bytes, endsAt, stopped: false, streams: [] }
  return { of: key => (mayGoOn(life) ? fileOf(life, key, startedAt) : null) }
}

function fileOf(life: Life, { org, account }: AccountKey, startedAt: number): AccountTrace {
  const path = join(life.folder, `trace-${startedAt}-${org}-${account}.jsonl`)
  const stream = createWriteStream(path, { flags: 'ax', mode: 0o600 })
  stream.on('error', error => stop(life, `it cannot be written (${(error as NodeJS.ErrnoException).code})`))
  life.streams.push(stream)
  let leftOut = 0
  const write = (what: () => object): void => {
    if (life.stopped || !mayGoOn(life)) return
    if (stream.writableLength > WAITING_MOST_BYTES) {
      leftOut += 1
      return
    }
    const line = `${JSON.stringify({ at: new Date(life.now()).toISOString(), ...(leftOut && { left_out: leftOut }), ...what() })}\n`
    leftOut = 0
    life.left -= line.length
    stream.write(line)
  }
  return {
    began: () => write(() => ({ way: 'line' })),
    came: stanza => write(() => ({ way: 'in', stanza: outlineOf(stanza) })),
    went: xml => {
      write(() => {
        const stanza = writtenStanza(xml)
        return { way: 'out', stanza: stanza && outlineOf(stanza) }
      })
    },
  }
}

function mayGoOn(life: Life): boolean {
  if (life.stopped) return false
  if (life.left <= 0) stop(life, 'its folder holds 50 MB')
  else if (life.now() >= life.endsAt) stop(life, 'it began 24 hours ago')
  return !life.stopped
}

/** Stops the trace and logs once why. */
function stop(life: Life, why: string): void {
  if (life.stopped) return
  life.stopped = true
  for (const stream of life.streams) stream.end()
  const detail = `Nothing more is traced into ${life.folder}: ${why}. For more, name an empty folder in WHATSAPP_TRACE.`
  life.log.warn({ detail }, 'trace ended')
}

/** How many bytes earlier processes have traced there, and when the first of them began. */
function tracedIn(folder: string): { bytes: number; begunAt: number | null } {
  let [bytes, begunAt]: [number, number | null] = [0, null]
  for (const name of readdirSync(folder)) {
    const at = Number(NAME.exec(name)?.[1] ?? Number.NaN)
    if (Number.isNaN(at)) continue
    bytes += lstatSync(join(folder, name)).size
    begunAt = Math.min(begunAt ?? at, at)
  }
  return { bytes, begunAt }
}
