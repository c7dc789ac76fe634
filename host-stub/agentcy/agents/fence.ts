import { createHmac } from 'node:crypto'

import type { Turn } from '../../../plugin/contract/host.ts'

const WORD_LETTERS = 16

/** Separates text from outsiders from the host's own text in a prompt. */
export type Fence = {
  /** The word in the marks; outsiders do not know it. */
  readonly word: string
  /** Puts an outsider's text, cut to `most` characters, between marks that nothing in the text can close. */
  around(text: string, most?: number): string
  /** Removes all marks and the word from a text. */
  without(text: string): string
}

/**
 * The word of a turn's fence. People who write to us do not know the secret or the turn's ids and cannot guess the word within one
 * message. A retried attempt of the turn gets the same word.
 */
export function fenceWord(secret: string, { id, requestId }: Pick<Turn, 'id' | 'requestId'>): string {
  return createHmac('sha256', secret).update(`fence ${id} ${requestId}`).digest('hex').slice(0, WORD_LETTERS)
}

/** A fence whose marks are `⟦word⟧` and `⟦/word⟧`. */
export function fenceOf(word: string): Fence {
  const [open, close] = [`⟦${word}⟧`, `⟦/${word}⟧`]
  const leaked = new RegExp(word, 'gi')
  return {
    word,
    around: (text, most = text.length) => `${open}${tamed(beginningOf(text, most)).replace(leaked, '…')}${close}`,
    without: text => text.replaceAll(open, '').replaceAll(close, '').replace(leaked, '…'),
  }
}

/** Cuts a text, but never inside a surrogate pair. */
const beginningOf = (text: string, most: number): string =>
  text.length > most ? text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '') : text

/**
 * Replaces brackets that look like those of the marks, and breaks up the control tokens that some model servers interpret in user
 * text.
 */
function tamed(text: string): string {
  return text
    .replace(/[⟦〚]/g, '[')
    .replace(/[⟧〛]/g, ']')
    .replace(/<(?=\|)/g, '< ')
    .replace(/\|(?=>)/g, '| ')
}
