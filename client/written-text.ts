import { readFile } from 'node:fs/promises'

import type { Terminal } from './terminal.ts'

async function readInput({ input }: Terminal): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of input) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** A text that was given as an argument; `-` stands for what is piped in, without its last line break. */
export async function writtenText(terminal: Terminal, given: string): Promise<string> {
  return given === '-' ? (await readInput(terminal)).replace(/\r?\n$/, '') : given
}

/** What a file holds; `-` stands for what is piped in. */
export function writtenFile(terminal: Terminal, path: string): Promise<string> {
  return path === '-' ? readInput(terminal) : readFile(path, 'utf8')
}
