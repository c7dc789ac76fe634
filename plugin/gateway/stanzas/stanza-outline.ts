import type { BinaryNode } from '@whiskeysockets/baileys'

/**
 * A stanza without anything that a person wrote or that names one. The attributes listed here keep their values; all other values,
 * and content, are replaced by their lengths. `more`: how many children are left out.
 */
export type Outline = {
  readonly tag: string
  readonly attrs?: Readonly<Record<string, string | number>>
  readonly children?: readonly Outline[]
  /** Bytes, or the characters of a text. */
  readonly content?: number
  readonly more?: number
}

/** The attributes whose values tell what kind of thing a stanza is, and not whom it is about. */
const SHOWN = new Set(['type', 'class', 'code', 'reason', 'count'])
/** A word of WhatsApp's, without a number that could be somebody's: a server may write anything anywhere. */
const WORD = /^[A-Za-z0-9_:.-]{1,32}$/
const DIGITS_MOST = 5
const DEPTH_MOST = 8
const CHILDREN_MOST = 50

const isWord = (text: string): boolean => WORD.test(text) && text.replaceAll(/\D/g, '').length <= DIGITS_MOST

/** The name itself when it is a word, else its length. */
const named = (name: string): string => (isWord(name) ? name : `#${name.length}`)

/** The value of an attribute if it may be shown, else its length. */
export function shownValue(name: string, value: string): string | number {
  return SHOWN.has(name) && isWord(value) ? value : value.length
}

export function outlineOf({ tag, attrs, content }: BinaryNode, depth = 0): Outline {
  return {
    tag: named(tag),
    ...withAttributes(Object.entries(attrs ?? {})),
    ...contentOf(content, depth),
  }
}

/** The outline of attributes alone; empty when there are none. */
export function withAttributes(given: readonly (readonly [string, string])[]): Pick<Outline, 'attrs'> {
  if (given.length === 0) return {}
  return { attrs: Object.fromEntries(given.map(([name, value]) => [named(name), shownValue(name, String(value))])) }
}

function contentOf(content: BinaryNode['content'], depth: number): Partial<Outline> {
  if (content === undefined || content === null) return {}
  if (!Array.isArray(content)) return { content: content.length }
  if (depth >= DEPTH_MOST) return { more: content.length }
  const children = content.slice(0, CHILDREN_MOST).map(child => outlineOf(child, depth + 1))
  return { children, ...(content.length > CHILDREN_MOST && { more: content.length - CHILDREN_MOST }) }
}
