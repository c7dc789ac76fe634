import { randomBytes } from 'node:crypto'
import type { BinaryNode } from '@whiskeysockets/baileys'

export type Attributes = Readonly<Record<string, string>>

/** An element, with what stands in it. */
export const node = (tag: string, attrs: Attributes = {}, content?: BinaryNode['content']): BinaryNode =>
  content === undefined ? { tag, attrs: { ...attrs } } : { tag, attrs: { ...attrs }, content }
export const bytes = (length: number): Buffer => randomBytes(length)
export const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
export const nowS = String(Math.floor(Date.now() / 1_000))
export const SERVER = '@s.whatsapp.net'

/** One good stanza of each kind that a server writes, by a name for it. */
export type StanzaKinds = Readonly<Record<string, BinaryNode>>
