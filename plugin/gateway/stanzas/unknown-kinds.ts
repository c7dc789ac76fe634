import type { Log } from '../../contract/host.ts'
import { createKindNames } from './stanza-answers.ts'

/** Counts the stanzas of unknown kinds. */
export type UnknownKinds = { readonly came: (tag: string) => void }

const TELL_EACH_MS = 1_000
/** A process has one log: each kind is named in it once, whichever account met it. */
const nameOf = createKindNames()
const logged = new Set<string>()

export function createUnknownKinds(log: Log, told: (tag: string, count: number) => void): UnknownKinds {
  const counts = new Map<string, number>()
  let timer: NodeJS.Timeout | null = null
  const tell = (): void => {
    timer = null
    for (const [tag, count] of counts) told(tag, count)
    counts.clear()
  }
  return {
    came: tag => {
      const name = nameOf(tag)
      if (!logged.has(name)) log.warn({ kind: name }, 'unknown stanza')
      logged.add(name)
      counts.set(name, (counts.get(name) ?? 0) + 1)
      timer ??= setTimeout(tell, TELL_EACH_MS).unref()
    },
  }
}
