import type { BinaryNode, WASocket } from '@whiskeysockets/baileys'

/** Twelve digits reach beyond what a date holds; a zero is no date. */
const SECONDS = /^[1-9][0-9]{0,11}$/
const LAST_SECOND = 253_402_300_799

/**
 * Until when WhatsApp takes this client, in ms UTC, as `<ib><client_expiration t=…>` says it in seconds; null: that was taken back.
 * Undefined when it cannot be read (whatsapp-rust ea4ea0b4, 2026-08-16, src/handlers/ib.rs).
 */
export function expirationIn({ content }: BinaryNode): number | null | undefined {
  const said = Array.isArray(content) ? content.find(({ tag }) => tag === 'client_expiration') : undefined
  if (!said) return undefined
  const t: unknown = said.attrs?.['t']
  if (t === undefined) return null
  if (typeof t !== 'string' || !SECONDS.test(t) || Number(t) > LAST_SECOND) return undefined
  return Number(t) * 1_000
}

/** Hears it wherever it stands among what the server tells by the way (whatsapp-rust goes through all children of an `<ib>`). */
export function hearExpiration({ ws }: Pick<WASocket, 'ws'>, expires: (at: number | null) => void): void {
  ws.on('CB:ib', (stanza: BinaryNode) => {
    const at = expirationIn(stanza)
    if (at !== undefined) expires(at)
  })
}
