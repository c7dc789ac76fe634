import { styleText } from 'node:util'

import type { Environment, Stream, Terminal } from './terminal.ts'

/** The colours that the command line uses. */
export type Colour = 'green' | 'red' | 'yellow' | 'cyan' | 'dim'
/** Colours a text, or returns it unchanged. */
export type Paint = (colour: Colour, text: string) => string

/** Whether output to the stream is coloured: only on a terminal, and not when NO_COLOR is set (no-color.org). */
export function isColoured({ isTTY }: Stream, environment: Environment): boolean {
  return isTTY === true && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb'
}

/** The paint function for text that is written to `out`. */
export function paintFor({ out, environment }: Terminal): Paint {
  if (!isColoured(out, environment)) return (_colour, text) => text
  return (colour, text) => styleText(colour, text, { validateStream: false })
}
