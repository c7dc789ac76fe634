import type { BinaryNode } from '@whiskeysockets/baileys'

/** Longer than any that WhatsApp gives, and short enough for a picture. */
const REF = /^[\x21-\x7e]{1,512}$/

/** By which the server knows this connection, as an element says it; null when it says nothing that can be one. */
export function refIn(element: BinaryNode | undefined): string | null {
  const content = element?.content
  if (!(content instanceof Uint8Array)) return null
  const text = Buffer.from(content).toString('utf8')
  return REF.test(text) ? text : null
}
