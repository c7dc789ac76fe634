import type { BinaryNode } from '@whiskeysockets/baileys'

import type { Backlog } from '../../contract/connection.ts'
import type { LineTimes } from '../../contract/gateway-protocol.ts'

/** What the account's backlog is followed with. */
export type BacklogPorts = {
  readonly times: Pick<LineTimes, 'quietMs' | 'pageEndMs' | 'pagePatienceMs' | 'renewalPauseMs'>
  /** Goes on whatever anybody sets; ms. */
  readonly elapsed: () => number
  /** How far it has come; null: nothing more is awaited. */
  readonly told: (backlog: Backlog | null) => void
  /** Nothing more is awaited on this connection, whether or not anything was: once a connection, and not of one that is lost before. */
  readonly over: () => void
}

/** What can be done on one connection. */
export type BacklogLine = {
  /** Asks WhatsApp for so many more stanzas. */
  readonly ask: (count: number) => void
  /** Gives the connection up for a new one. */
  readonly renew: () => void
  /** Part of what waited does not come; or does again. */
  readonly stalled: (isStalled: boolean) => void
}

/** Follows what waited on one connection, from its first stanza to its last. */
export type Following = {
  readonly heard: (stanza: BinaryNode) => void
  /** The connection is up: WhatsApp says what waits, or is not heard to say anything for a while. */
  readonly opened: () => void
  /** The connection is gone. */
  readonly ended: () => void
}

/** So many stanzas are asked for at a time, as WhatsApp Web does (whatsapp-rust, offline_resume.rs). */
const PAGE = 200
/** No more than one question for each ten stanzas, or in this time: what trickles in one by one is no row of pages. */
const FEW = 10
const BETWEEN_MS = 500
/** Where asking has not helped, it is asked less often. */
const STALLED_TIMES = 10

/** All that changes about the backlog on one connection. */
type Life = {
  readonly ports: BacklogPorts
  readonly line: BacklogLine
  readonly account: { renewedAt: number | null }
  /** What WhatsApp announced; 0: nothing. */
  total: number
  done: number
  /** Of these, those that came since it was last asked. */
  fresh: number
  askedAt: number
  toldAt: number
  /** How often it was asked, since anything came. */
  tries: number
  isStalled: boolean
  isOver: boolean
  timer: NodeJS.Timeout | null
}

/**
 * Asks for what waits at WhatsApp until all of it has come. WhatsApp announces it (`<offline_preview>`), brings a few of it and
 * then a page whenever it is asked (whatsapp-rust#629, zapo#269), or all of it without being asked (whatsmeow); `<offline>` is
 * the end. Baileys 7.0.0-rc14 asks once, at the announcement. A stanza with an `offline` attribute is one that waited; one
 * without is no page, or a busy account would never miss one. Where less comes than was announced and no end is told, nothing
 * else may come either (whatsapp-rust#125): that is not called over before a new connection announces nothing.
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

/** Baileys asks for the first page when it hears of this. What is no number announces nothing. */
function announced(life: Life, count: string | undefined): void {
  const said = /^\d{1,9}$/.test(count ?? '') ? Number(count) : 0
  if (said === 0) return
  // What came ahead of the announcement is part of it.
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

/** A page has come: the next one, unless that would be asking for each stanza. */
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

/** Nothing has come since it was asked. */
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
