import type { PolicyProblem } from '../../contract/policy.ts'
import type { CompilerRun } from './opa-binary.ts'

type OpaProblem = { message: string; location?: { file?: string; row?: number; col?: number } }

/** The message when the compiler reports nothing about a row of a source. */
export const UNEXPLAINED = 'The compiler gave up: it was out of time or memory, or broke down.'

/** How many problems are reported at once. */
export const MOST_PROBLEMS = 10
const FOREIGN = /do not permit 'package ([^']+)' in module '([^']+)'/
const TEXT_LINE = /(?:^|\s)(?:[^\s:]*\/)?([\w-]+)\.rego:(\d+): (?:rego_\w+: )?(.+)$/
/** Messages about opening something are never passed on: they tell of the host's machine. */
const OPENED = /^unable to compile the schema/

/** The name of the source in a file. */
export const sourceNameOf = (file: string | undefined): string => /([\w-]+)\.rego$/.exec(file ?? '')?.[1] ?? ''

function foreign(text: string): PolicyProblem[] {
  const [, name, file] = FOREIGN.exec(text) ?? []
  if (name === undefined) return []
  const message = `package ${name} is not agentcy nor below it, so nobody would ask it`
  return [{ file: sourceNameOf(file), row: null, column: null, message }]
}

function ofRow({ message, location }: OpaProblem): PolicyProblem[] {
  const file = sourceNameOf(location?.file)
  if (file === '' || location?.row === undefined || OPENED.test(message)) return foreign(message)
  return [{ file, row: location.row, column: location.col ?? null, message }]
}

function ofLine(line: string): PolicyProblem[] {
  const [, file = '', row, message = ''] = TEXT_LINE.exec(line) ?? []
  return row === undefined ? foreign(line) : ofRow({ message, location: { file: `${file}.rego`, row: Number(row) } })
}

/**
 * Reads what the compiler reported, as `--format json` or line by line. Keeps only messages about a row of a source, and
 * none about the machine that it runs on.
 */
export function problemsOf({ stdout, stderr }: CompilerRun): PolicyProblem[] {
  const found = (): PolicyProblem[] => {
    try {
      const { errors = [] } = JSON.parse(stdout || stderr) as { errors?: OpaProblem[] }
      return errors.flatMap(ofRow)
    } catch {
      return stderr.split('\n').flatMap(ofLine)
    }
  }
  return found().slice(0, MOST_PROBLEMS)
}
