import { styleText } from 'node:util'

import type { Environment, Stream, Terminal } from './terminal.ts'

/** The colours that the command line uses. */
export type Colour = 'green' | 'red' | 'yellow' | 'cyan' | 'dim'
/** Colours a text, or leaves it as it is. */
export type Paint = (colour: Colour, text: string) => string

/** Whether to colour what is written there: on a terminal only, and not when NO_COLOR is set (no-color.org). */
export function isColoured({ isTTY }: Stream, environment: Environment): boolean {
  return isTTY === true && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb'
}

/** Colours for what goes to `out`. */
export function paintFor({ out, environment }: Terminal): Paint {
  if (!isColoured(out, environment)) return (_colour, text) => text
  return (colour, text) => styleText(colour, text, { validateStream: false })
}
