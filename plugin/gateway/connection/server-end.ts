import { getAllBinaryNodeChildren, type BinaryNode } from '@whiskeysockets/baileys'

import type { LastWords } from '../../contract/connection.ts'
import { plainLine } from '../../contract/plain-text.ts'

/** How the server ended a connection, read from its last stanza. */
export type ServerEnd = {
  /** The code for the disconnect table: 440 only where another client took over; null if the stanza has no code of three digits. */
  readonly code: number | null
  readonly words: LastWords
  /** For how many seconds, as the stanza says. */
  readonly expire: string | undefined
}

const REPLACED = 440
const REMOVED = 401
/** Baileys makes an error from the code. The error class accepts no lower code, and then throws where nothing catches it. */
const LEAST_CODE = 400

/** Reads the server's last stanza; null if the frame is not one. Baileys keeps only some of it. */
export function serverEndOf(frame: BinaryNode): ServerEnd | null {
  if (frame.tag === 'failure')
    return endOf(frame, { code: numberOf(frame.attrs['reason']), named: frame.attrs['reason'] })
  if (frame.tag !== 'stream:error') return null
  const given = frame.attrs['code']
  const children = getAllBinaryNodeChildren(frame)
  const conflict = children.find(({ tag }) => tag === 'conflict')
  const child = conflict ? `conflict ${conflict.attrs['type'] ?? ''}` : children[0]?.tag
  return endOf(frame, { code: codeOfConflict(conflict) ?? numberOf(given), named: given ?? child })
}

/** Deletes a code from which Baileys cannot make an error. Our own code has read the stanza before. */
export function tame({ tag, attrs }: BinaryNode): void {
  const name = tag === 'failure' ? 'reason' : 'code'
  if (attrs[name] !== undefined && !(Number.parseInt(String(Number(attrs[name])), 10) >= LEAST_CODE)) delete attrs[name]
}

function endOf({ attrs }: BinaryNode, { code, named }: { code: number | null; named: string | undefined }): ServerEnd {
  const words = {
    code: textOf(named, 60),
    header: textOf(attrs['logout_message_header'], 200),
    subtext: textOf(attrs['logout_message_subtext'], 1_000),
    message: textOf(attrs['message'], 200),
    url: textOf(attrs['url'], 500),
  }
  return { code, words, expire: attrs['expire'] }
}

function codeOfConflict(conflict: BinaryNode | undefined): number | null {
  const type = conflict?.attrs['type']
  if (type === 'replaced') return REPLACED
  return type === 'device_removed' ? REMOVED : null
}

/** Only a conflict proves that another client took over: the code by itself is not known to mean that. */
const numberOf = (code: string | undefined): number | null =>
  code !== undefined && /^[1-9][0-9]{2}$/.test(code) && Number(code) !== REPLACED ? Number(code) : null

const textOf = (given: unknown, most: number): string | null =>
  typeof given === 'string' ? plainLine(given.trim(), most) || null : null
