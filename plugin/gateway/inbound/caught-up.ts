import type { StanzaLog } from '../tables/stanza-log.ts'

/** What it takes to know that all of a backlog is in the journal. */
export type CaughtUpPorts = {
  readonly log: Pick<StanzaLog, 'newest' | 'isOpenTo'>
  readonly head: () => number
  /** What cannot be read in that time is not awaited any more. */
  readonly patienceMs: number
  /** All that came of the backlog is in the journal, which had grown to this number. */
  readonly told: (head: number) => void
}

/** Follows the last stanzas of a backlog from their arrival into the journal. */
export type CaughtUp = {
  /** The last of them has come. */
  readonly over: () => void
  /** One more may have been settled. */
  readonly look: () => void
  /** The connection is gone. */
  readonly ended: () => void
}

/** The end of a backlog is told when it has come, and what came before it is decrypted one after the other. */
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
