import { readFile } from 'node:fs/promises'

import type { Terminal } from './terminal.ts'

async function readInput({ input }: Terminal): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of input) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** The text of an argument; `-` reads standard input and drops its last line break. */
export async function writtenText(terminal: Terminal, given: string): Promise<string> {
  return given === '-' ? (await readInput(terminal)).replace(/\r?\n$/, '') : given
}

/** The content of a file; `-` reads standard input. */
export function writtenFile(terminal: Terminal, path: string): Promise<string> {
  return path === '-' ? readInput(terminal) : readFile(path, 'utf8')
}
