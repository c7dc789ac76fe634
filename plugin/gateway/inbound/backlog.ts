import type { BinaryNode } from '@whiskeysockets/baileys'

import type { Backlog } from '../../contract/connection.ts'
import type { LineTimes } from '../../contract/gateway-protocol.ts'

/** What following the account's backlog needs. */
export type BacklogPorts = {
  readonly times: Pick<LineTimes, 'quietMs' | 'pageEndMs' | 'pagePatienceMs' | 'renewalPauseMs'>
  /** A monotonic clock, unaffected when somebody sets the time; ms. */
  readonly elapsed: () => number
  /** Reports the progress; null: nothing more is awaited. */
  readonly told: (backlog: Backlog | null) => void
  /**
   * Nothing more is awaited on this connection, whether or not anything was. Called once per connection, and not for one that is
   * lost before.
   */
  readonly over: () => void
}

/** What the backlog can do on one connection. */
export type BacklogLine = {
  /** Asks WhatsApp for `count` more stanzas. */
  readonly ask: (count: number) => void
  /** Replaces the connection by a new one. */
  readonly renew: () => void
  /** `isStalled`: part of the backlog does not arrive any more (true), or arrives after all (false). */
  readonly stalled: (isStalled: boolean) => void
}

/** Follows the backlog on one connection, from its first stanza to its last. */
export type Following = {
  readonly heard: (stanza: BinaryNode) => void
  /** The connection is up. If WhatsApp neither announces nor sends a backlog within `quietMs`, nothing is awaited. */
  readonly opened: () => void
  /** The connection is gone. */
  readonly ended: () => void
}

/** The number of stanzas per request, as in WhatsApp Web (whatsapp-rust, offline_resume.rs). */
const PAGE = 200
/** At most one request per ten stanzas, or per BETWEEN_MS: stanzas that trickle in one by one are not a row of pages. */
const FEW = 10
const BETWEEN_MS = 500
/** Once requests have not helped, they are this many times rarer. */
const STALLED_TIMES = 10

/** The mutable state of the backlog on one connection. */
type Life = {
  readonly ports: BacklogPorts
  readonly line: BacklogLine
  readonly account: { renewedAt: number | null }
  /** The number of stanzas that WhatsApp announced; 0: none. */
  total: number
  done: number
  /** How many of these arrived since the last request. */
  fresh: number
  askedAt: number
  toldAt: number
  /** How often nothing arrived in time, since the last stanza. */
  tries: number
  isStalled: boolean
  isOver: boolean
  timer: NodeJS.Timeout | null
}

/**
 * Asks WhatsApp for the backlog until all of it has come. WhatsApp announces it (`<offline_preview>`), sends a few stanzas and then
 * one page per request (whatsapp-rust#629, zapo#269), or all of it without a request (whatsmeow); `<offline>` marks the end.
 * Baileys 7.0.0-rc14 asks once, at the announcement. A stanza with an `offline` attribute belongs to the backlog; one without does
 * not count as part of a page, or a busy account would never notice a missing page. If less comes than was announced and no end is
 * marked, nothing else may come either (whatsapp-rust#125): then the backlog is not over until a new connection announces nothing.
 */
export function createBacklog(ports: BacklogPorts): (line: BacklogLine) => Following {
  const account: Life['account'] = { renewedAt: null }
  return line => {
    const untold = Number.NEGATIVE_INFINITY
    const counts = { total: 0, done: 0, fresh: 0, tries: 0, askedAt: untold, toldAt: untold }
    const life: Life = { ports, line, account, ...counts, isStalled: false, isOver: false, timer: null }
    return {
      heard: stanza => {
        if (life.isOver) return
        if (stanza.tag === 'ib') hearBulletin(life, stanza)
        else if (stanza.attrs['offline'] !== undefined) arrived(life)
      },
      opened: () => {
        if (!life.isOver && !life.timer) waitFor(life, life.ports.times.quietMs, finish)
      },
      ended: () => {
        life.isStalled = false
        end(life)
      },
    }
  }
}

function hearBulletin(life: Life, { content }: BinaryNode): void {
  for (const { tag, attrs } of Array.isArray(content) ? content : []) {
    if (tag === 'offline_preview') announced(life, attrs['count'])
    if (tag === 'offline') finish(life)
  }
}

/** Baileys requests the first page when it gets this announcement. A count that is not a number announces nothing. */
function announced(life: Life, count: string | undefined): void {
  const said = /^\d{1,9}$/.test(count ?? '') ? Number(count) : 0
  if (said === 0) return
  // Stanzas that came before the announcement are part of it.
  const done = life.total === 0 ? life.done : 0
  const total = Math.max(said, done)
  Object.assign(life, { total, done, fresh: 0, tries: 0, askedAt: life.ports.elapsed() })
  tell(life)
  waitFor(life, life.ports.times.pagePatienceMs, missed)
}

function arrived(life: Life): void {
  life.done += 1
  life.fresh += 1
  life.tries = 0
  if (life.total > 0) life.total = Math.max(life.total, life.done)
  stall(life, false)
  if (life.ports.elapsed() - life.toldAt >= BETWEEN_MS) tell(life)
  if (life.fresh > 1) life.timer?.refresh()
  else waitFor(life, life.ports.times.pageEndMs, askNext)
}

/** A page has come: requests the next one, unless that would mean a request per stanza. */
function askNext(life: Life): void {
  const since = life.ports.elapsed() - life.askedAt
  if (life.fresh < FEW && since < BETWEEN_MS) return waitFor(life, BETWEEN_MS - since, askNext)
  ask(life)
  tell(life)
  waitFor(life, life.ports.times.pagePatienceMs, missed)
}

function ask(life: Life): void {
  Object.assign(life, { fresh: 0, askedAt: life.ports.elapsed() })
  life.line.ask(PAGE)
}

/** Nothing has come since the last request. */
function missed(life: Life): void {
  const { ports, account, line, total, done } = life
  const { pagePatienceMs, renewalPauseMs } = ports.times
  life.tries += 1
  if (life.tries > 1 && done >= total) return finish(life)
  if (life.tries > 1 && (account.renewedAt === null || ports.elapsed() - account.renewedAt >= renewalPauseMs)) {
    account.renewedAt = ports.elapsed()
    return line.renew()
  }
  if (life.tries > 1) stall(life, true)
  ask(life)
  waitFor(life, life.isStalled ? pagePatienceMs * STALLED_TIMES : pagePatienceMs, missed)
}

function stall(life: Life, isStalled: boolean): void {
  if (life.isStalled === isStalled) return
  life.isStalled = isStalled
  life.line.stalled(isStalled)
}

function finish(life: Life): void {
  if (life.isOver) return
  end(life)
  life.ports.over()
}

function end(life: Life): void {
  if (life.timer) clearTimeout(life.timer)
  life.timer = null
  if (life.isOver) return
  life.isOver = true
  stall(life, false)
  if (life.total > 0) life.ports.told(null)
}

function tell(life: Life): void {
  const { total, done, ports } = life
  if (total === 0) return
  life.toldAt = ports.elapsed()
  ports.told({ total, done })
}

function waitFor(life: Life, ms: number, next: (life: Life) => void): void {
  if (life.timer) clearTimeout(life.timer)
  life.timer = setTimeout(() => next(life), ms)
}
