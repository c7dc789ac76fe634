import type { BinaryNode } from '@whiskeysockets/baileys'

/** Longer than any ref that WhatsApp gives, and short enough for a QR picture. */
const REF = /^[\x21-\x7e]{1,512}$/

/** The ref by which the server knows this connection, read from an element; null if the element has no valid one. */
export function refIn(element: BinaryNode | undefined): string | null {
  const content = element?.content
  if (!(content instanceof Uint8Array)) return null
  const text = Buffer.from(content).toString('utf8')
  return REF.test(text) ? text : null
}
