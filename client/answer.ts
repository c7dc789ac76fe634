import type { Call } from './command.ts'
import { jsonLine } from './json-line.ts'
import { plainAnswer } from './plain-answer.ts'

/** Prints what the host answered: as it is on one line with --json, else in words, for which nothing in it is hidden any more. */
export function show<Answer>(
  { terminal, options }: Pick<Call, 'terminal' | 'options'>,
  answer: Answer,
  inWords: (answer: Answer) => readonly string[],
): void {
  const lines = options.json === true ? [jsonLine(answer)] : inWords(plainAnswer(answer))
  for (const line of lines) terminal.out.write(`${line}\n`)
}
