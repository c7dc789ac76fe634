import { parseArgs } from 'node:util'

export const rowNames = [
  'direct',
  'group',
  'receive',
  'offline',
  'latency',
  'send',
  'sockets',
  'resolver',
  'policies',
  'start',
] as const
export type RowName = (typeof rowNames)[number]

export const contenderNames = ['bare-files', 'bare-memory', 'ours'] as const
export type ContenderName = (typeof contenderNames)[number]

/** How much of each row is done. */
export type Amounts = {
  readonly burst: number
  readonly backlogs: readonly number[]
  /** Messages a second, and for how many of them. */
  readonly rates: readonly { readonly perSecond: number; readonly count: number }[]
  readonly sends: number
  readonly sockets: readonly number[]
  readonly resolutions: number
  readonly judgements: number
}

export type BenchOptions = {
  readonly rows: readonly RowName[]
  readonly contenders: readonly ContenderName[]
  readonly runs: number
  readonly amounts: Amounts
  readonly quick: boolean
  /** Where CPU profiles of our processes are written; null: nowhere. */
  readonly profiles: string | null
  /** Where the JSON is written. */
  readonly results: string
}

export const usage = `npm run bench -- [--rows ${rowNames.join(',')}] [--contenders ${contenderNames.join(',')}]
                 [--runs 3] [--quick] [--profiles <folder>] [--results <folder>]`

export const asksForHelp = (words: readonly string[]): boolean => words.includes('--help') || words.includes('-h')

const full: Amounts = {
  burst: 1_000,
  backlogs: [1_000, 12_000],
  rates: [
    { perSecond: 1, count: 20 },
    { perSecond: 10, count: 200 },
    { perSecond: 50, count: 500 },
  ],
  sends: 200,
  sockets: [1, 10, 50],
  resolutions: 2_000,
  judgements: 20_000,
}

const quickly: Amounts = {
  burst: 20,
  backlogs: [20],
  rates: [{ perSecond: 10, count: 10 }],
  sends: 5,
  sockets: [1],
  resolutions: 20,
  judgements: 100,
}

/** @throws Error with the usage when the arguments are not understood. */
export function readOptions(words: string[], resultsFolder: string): BenchOptions {
  const { values } = parseArgs({
    args: words,
    options: {
      rows: { type: 'string', default: rowNames.join(',') },
      contenders: { type: 'string', default: contenderNames.join(',') },
      runs: { type: 'string', default: '3' },
      quick: { type: 'boolean', default: false },
      profiles: { type: 'string' },
      results: { type: 'string', default: resultsFolder },
    },
  })
  const runs = Number(values.runs)
  if (!Number.isInteger(runs) || runs < 1) throw new Error(usage)
  return {
    rows: chosen(values.rows, rowNames),
    contenders: chosen(values.contenders, contenderNames),
    runs,
    amounts: values.quick ? quickly : full,
    quick: values.quick,
    profiles: values.profiles ?? null,
    results: values.results,
  }
}

function chosen<Name extends string>(written: string, known: readonly Name[]): Name[] {
  const words = written.split(',')
  if (words.some(word => !known.some(name => name === word))) throw new Error(usage)
  return known.filter(name => words.includes(name))
}
