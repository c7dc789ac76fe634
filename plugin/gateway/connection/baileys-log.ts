import type { Log } from '../../contract/host.ts'

/** The logger that Baileys expects. */
type BaileysLog = {
  level: string
  child: () => BaileysLog
} & Record<'trace' | 'debug' | 'info' | 'warn' | 'error', (first: unknown, text?: string) => void>

const LONG_DIGITS = /\d{5,}/g
const KEY_LIKE = /[A-Za-z0-9+/_=-]{16,}/g
const LONGEST = 120
/** How Baileys 7.0.0-rc14 marks an outgoing stanza in its log (socket.js, `sendNode`). */
const WRITTEN = 'xml send'

/** Listeners for what Baileys' log contains besides sentences. */
type Ears = { readonly wrote?: ((xml: string) => void) | null; readonly acted?: (action: unknown) => void }

/**
 * Baileys' log without the data. Logged objects hold nodes, keys and texts and are dropped whole. Sentences are kept, shortened,
 * with everything that looks like a number or a key struck out. `wrote` gets each outgoing stanza, as Baileys prints it at the
 * finest log level; null spares Baileys the printing. `acted` gets each action of the app state: an action for which Baileys has no
 * event appears only in its log.
 */
export function createBaileysLog(log: Log, { wrote = null, acted = () => undefined }: Ears = {}): BaileysLog {
  const pass = (level: 'debug' | 'warn') => (first: unknown, text?: string) => {
    const said = typeof first === 'string' ? first : text
    if (said) log[level]({ said: scrubbed(said) }, 'baileys')
  }
  const nothing = (): void => undefined
  const adapter: BaileysLog = {
    // At any finer level Baileys prints every stanza to a string first.
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
