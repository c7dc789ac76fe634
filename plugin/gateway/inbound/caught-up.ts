import type { StanzaLog } from '../tables/stanza-log.ts'

/** What it takes to detect that all of a backlog is in the journal. */
export type CaughtUpPorts = {
  readonly log: Pick<StanzaLog, 'newest' | 'isOpenTo'>
  readonly head: () => number
  /** After this time, stanzas that cannot be read are no longer awaited. */
  readonly patienceMs: number
  /** Everything that came of the backlog is in the journal, which has grown to this number. */
  readonly told: (head: number) => void
}

/** Follows the last stanzas of a backlog from their arrival into the journal. */
export type CaughtUp = {
  /** The last stanza of the backlog has come. */
  readonly over: () => void
  /** One more stanza may have been settled. */
  readonly look: () => void
  /** The connection is gone. */
  readonly ended: () => void
}

/**
 * WhatsApp marks the end of a backlog when the last stanza has come, but stanzas are decrypted one at a time: waits until all of
 * them are settled, or `patienceMs` has passed.
 */
export function createCaughtUp({ log, head, patienceMs, told }: CaughtUpPorts): CaughtUp {
  let last: number | null = null
  let timer: NodeJS.Timeout | undefined
  const ended = (): void => {
    clearTimeout(timer)
    last = null
  }
  const tell = (): void => {
    ended()
    told(head())
  }
  const look = (): void => {
    if (last !== null && !log.isOpenTo(last)) tell()
  }
  return {
    over: () => {
      ended()
      last = log.newest()
      timer = setTimeout(tell, patienceMs)
      look()
    },
    look,
    ended,
  }
}
