import type { Call } from './command.ts'
import { jsonLine, plainAnswer } from '../terminal/answer-text.ts'

/**
 * Prints the host's answer: as JSON on one line with --json, else as the lines of `inWords`, which gets the answer with hidden
 * characters escaped.
 */
export function show<Answer>(
  { terminal, options }: Pick<Call, 'terminal' | 'options'>,
  answer: Answer,
  inWords: (answer: Answer) => readonly string[],
): void {
  const lines = options.json === true ? [jsonLine(answer)] : inWords(plainAnswer(answer))
  for (const line of lines) terminal.out.write(`${line}\n`)
}
