import { createHmac } from 'node:crypto'

import type { Turn } from '../../../plugin/contract/host.ts'

const WORD_LETTERS = 16

/** What keeps strangers' words apart from ours in what a model reads. */
export type Fence = {
  /** The word in its marks, which no stranger knows. */
  readonly word: string
  /** The words of a stranger, of which at most so many characters, between marks that nothing in them can close. */
  around(text: string, most?: number): string
  /** A text of ours without any mark. */
  without(text: string): string
}

/**
 * The word of a turn's fence: nobody who writes to us knows the secret, the turn's ids, or could guess it in one message, and
 * another attempt at the turn has the same.
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

/** Not cut in the middle of a character that takes two. */
const beginningOf = (text: string, most: number): string =>
  text.length > most ? text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '') : text

/** Brackets that look like those of marks, and the control words that some servers take out of what people write. */
function tamed(text: string): string {
  return text
    .replace(/[⟦〚]/g, '[')
    .replace(/[⟧〛]/g, ']')
    .replace(/<(?=\|)/g, '< ')
    .replace(/\|(?=>)/g, '| ')
}
