import type { BinaryNode, WASocket } from '@whiskeysockets/baileys'

/** Twelve digits exceed what a date can hold; a zero is no date. */
const SECONDS = /^[1-9][0-9]{0,11}$/
const LAST_SECOND = 253_402_300_799

/**
 * Until when WhatsApp accepts this client, in ms UTC, from the seconds in `<ib><client_expiration t=…>`; null: WhatsApp withdrew
 * the date. Undefined when it cannot be read (whatsapp-rust ea4ea0b4, 2026-08-16, src/handlers/ib.rs).
 */
export function expirationIn({ content }: BinaryNode): number | null | undefined {
  const said = Array.isArray(content) ? content.find(({ tag }) => tag === 'client_expiration') : undefined
  if (!said) return undefined
  const t: unknown = said.attrs?.['t']
  if (t === undefined) return null
  if (typeof t !== 'string' || !SECONDS.test(t) || Number(t) > LAST_SECOND) return undefined
  return Number(t) * 1_000
}

/** Listens for it among all children of an `<ib>`, as whatsapp-rust does. */
export function hearExpiration({ ws }: Pick<WASocket, 'ws'>, expires: (at: number | null) => void): void {
  ws.on('CB:ib', (stanza: BinaryNode) => {
    const at = expirationIn(stanza)
    if (at !== undefined) expires(at)
  })
}
