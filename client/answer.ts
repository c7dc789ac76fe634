import type { Call } from './command.ts'
import { jsonLine } from './json-line.ts'

/** Prints what the host answered: as it is on one line with --json, else in words. */
export function show<Answer>(
  { terminal, options }: Pick<Call, 'terminal' | 'options'>,
  answer: Answer,
  inWords: (answer: Answer) => readonly string[],
): void {
  const lines = options.json === true ? [jsonLine(answer)] : inWords(answer)
  for (const line of lines) terminal.out.write(`${line}\n`)
}
