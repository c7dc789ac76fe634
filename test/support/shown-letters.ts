import type { ShownLine, Style } from '../../host-stub/phone-page/shown-text.ts'

const NAMES: Readonly<Record<Style, string>> = { bold: 'b', italic: 'i', strike: 's', code: 'c' }
const BLANKS = /[\s\u200B]/g

/** The names of styles, in one order. */
export const styled = (styles: readonly Style[]): string =>
  (['bold', 'italic', 'strike', 'code'] as const)
    .filter(style => styles.includes(style))
    .map(style => NAMES[style])
    .join('')

/** Lines in short: their kind, and each stretch with its styles. Blanks are left out, for nobody sees whether one is bold. */
export const described = (lines: readonly ShownLine[]): string =>
  lines
    .map(inShort)
    .filter(line => line !== '')
    .join(' | ')

function inShort({ kind, stretches }: ShownLine): string {
  let said = ''
  let open = ''
  for (const { text, styles } of stretches) {
    const bare = text.replace(BLANKS, '')
    const names = styled(styles)
    if (bare === '') continue
    if (names !== open && open !== '') said += ']'
    if (names !== open && names !== '') said += `[${names}:`
    said += bare
    open = names
  }
  if (open !== '') said += ']'
  return kind === 'plain' || said === '' ? said : `${kind} ${said}`
}

/** Every letter that is seen, with the names of its styles. */
export const letters = (lines: readonly ShownLine[]): string[] =>
  lines.flatMap(({ stretches }) =>
    stretches.flatMap(({ text, styles }) =>
      text
        .replace(BLANKS, '')
        .split('')
        .map(letter => letter + styled(styles)),
    ),
  )
