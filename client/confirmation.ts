import type { Terminal } from './terminal.ts'

/** Asks on a terminal before something that cannot be undone: whether a person wants it, null when nobody can be asked. */
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
