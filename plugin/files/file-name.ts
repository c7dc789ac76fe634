import { replaceHidden } from '../contract/plain-text.ts'

const LENGTH_MOST = 120
const EXTENSION_MOST = 16

const seen = (text: string): string => replaceHidden(text, () => '')

/**
 * A file's name as it may be shown and suggested for saving: the last part of a path, nothing that hides or turns the
 * rest, no dot in front, at most 120 characters with its extension kept. Null when nothing is left.
 */
export function safeFileName(written: string | null | undefined): string | null {
  const name = seen((written ?? '').replace(/[\n\t]/g, ''))
    .replace(/^.*[/\\]/su, '')
    .replace(/["<>|:*?]/g, '_')
    .replace(/^[.\s]+/u, '')
    .trimEnd()
  // What is cut may have needed its other half.
  return name === '' ? null : seen(shortened(name))
}

function shortened(name: string): string {
  const letters = Array.from(name)
  if (letters.length <= LENGTH_MOST) return name
  const dot = letters.lastIndexOf('.')
  const extension = dot > 0 && letters.length - dot <= EXTENSION_MOST ? letters.slice(dot) : []
  return [...letters.slice(0, LENGTH_MOST - extension.length), ...extension].join('')
}
