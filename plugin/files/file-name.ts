import { replaceHidden } from '../contract/plain-text.ts'

const LENGTH_MOST = 120
const EXTENSION_MOST = 16

const seen = (text: string): string => replaceHidden(text, () => '')

/**
 * A file's name that is safe to show and to suggest for saving: the last part of a path, without characters that hide or reverse
 * the rest, without a leading dot, at most 120 characters including the extension. null if nothing remains.
 */
export function safeFileName(written: string | null | undefined): string | null {
  const name = seen((written ?? '').replace(/[\n\t]/g, ''))
    .replace(/^.*[/\\]/su, '')
    .replace(/["<>|:*?]/g, '_')
    .replace(/^[.\s]+/u, '')
    .trimEnd()
  // Cutting may have separated a character from the one it needs, so the name is cleaned again.
  return name === '' ? null : seen(shortened(name))
}

function shortened(name: string): string {
  const letters = Array.from(name)
  if (letters.length <= LENGTH_MOST) return name
  const dot = letters.lastIndexOf('.')
  const extension = dot > 0 && letters.length - dot <= EXTENSION_MOST ? letters.slice(dot) : []
  return [...letters.slice(0, LENGTH_MOST - extension.length), ...extension].join('')
}
