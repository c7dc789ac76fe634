import type { Log } from '../../contract/host.ts'

/** What Baileys asks of a logger. */
type BaileysLog = {
  level: string
  child: () => BaileysLog
} & Record<'trace' | 'debug' | 'info' | 'warn' | 'error', (first: unknown, text?: string) => void>

const LONG_DIGITS = /\d{5,}/g
const KEY_LIKE = /[A-Za-z0-9+/_=-]{16,}/g
const LONGEST = 120
/** How Baileys 7.0.0-rc14 marks it (socket.js, `sendNode`). */
const WRITTEN = 'xml send'

/** Who hears what is in its log besides sentences. */
type Ears = { readonly wrote?: ((xml: string) => void) | null; readonly acted?: (action: unknown) => void }

/**
 * Baileys' words without what they are about: the objects it logs hold nodes, keys and texts and are dropped whole; its
 * sentences are kept, short, with everything that looks like a number or a key struck out. `wrote` hears of each stanza that is
 * written, as Baileys prints it for a log of the finest level; null spares it that. `acted` is told of each action of the app
 * state: of one that Baileys knows no event for, its log is all that hears.
 */
export function createBaileysLog(log: Log, { wrote = null, acted = () => undefined }: Ears = {}): BaileysLog {
  const pass = (level: 'debug' | 'warn') => (first: unknown, text?: string) => {
    const said = typeof first === 'string' ? first : text
    if (said) log[level]({ said: scrubbed(said) }, 'baileys')
  }
  const nothing = (): void => undefined
  const adapter: BaileysLog = {
    // Anything finer makes Baileys print every stanza to a string first.
    level: wrote ? 'trace' : 'info',
    child: () => adapter,
    trace: first => {
      if (typeof first !== 'object' || first === null) return
      const { xml, msg, syncAction } = first as { xml?: unknown; msg?: unknown; syncAction?: unknown }
      if (wrote && msg === WRITTEN && typeof xml === 'string') wrote(xml)
      if (syncAction) acted(syncAction)
    },
    debug: nothing,
    info: pass('debug'),
    warn: pass('debug'),
    error: pass('warn'),
  }
  return adapter
}

/** The sentence with digit runs and key-like runs struck out. */
export const scrubbed = (text: string): string =>
  text.slice(0, LONGEST).replace(KEY_LIKE, '•••').replace(LONG_DIGITS, '•••')
