const LENGTH_MOST = 120
const EXTENSION_MOST = 16
/** Control characters, and those that are not seen or turn the writing around. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu

/**
 * A file's name as it may be shown and suggested for saving: the last part of a path, nothing that hides or turns the
 * rest, no dot in front, at most 120 characters with its extension kept. Null when nothing is left.
 */
export function safeFileName(written: string | null | undefined): string | null {
  const name = (written ?? '')
    .replace(UNSEEN, '')
    .replace(/^.*[/\\]/su, '')
    .replace(/["<>|:*?]/g, '_')
    .replace(/^[.\s]+/u, '')
    .trimEnd()
  return name === '' ? null : shortened(name)
}

function shortened(name: string): string {
  const letters = Array.from(name)
  if (letters.length <= LENGTH_MOST) return name
  const dot = letters.lastIndexOf('.')
  const extension = dot > 0 && letters.length - dot <= EXTENSION_MOST ? letters.slice(dot) : []
  return [...letters.slice(0, LENGTH_MOST - extension.length), ...extension].join('')
}
