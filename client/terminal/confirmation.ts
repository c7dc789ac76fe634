import type { Terminal } from './terminal.ts'

/** Asks on the terminal for confirmation of an irreversible action. Returns the answer; null if there is no terminal. */
export async function confirmed({ input, err }: Terminal, question: string): Promise<boolean | null> {
  if (input.isTTY !== true || err.isTTY !== true) return null
  err.write(`${question} [y/N] `)
  let typed = ''
  for await (const piece of input) {
    typed += Buffer.from(piece).toString('utf8')
    if (typed.includes('\n')) break
  }
  return /^y(es)?$/i.test(typed.trim())
}
