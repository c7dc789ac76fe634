import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'

import { format, resolveConfig } from 'prettier'

import type { BenchOptions, ContenderName } from './options.ts'
import { root } from './processes.ts'
import type { Figures } from './rows.ts'
import { median, rounded } from './statistics.ts'

/** One measurement: of which run, row and contender. */
export type Measurement = {
  readonly run: number
  readonly row: string
  readonly contender: ContenderName
  readonly figures: Figures
}

type Spread = { readonly median: number; readonly min: number; readonly max: number }
export type Line = {
  readonly row: string
  readonly contender: ContenderName
  readonly runs: number
  readonly figures: Readonly<Record<string, Spread>>
  /** Our main figure by that of bare Baileys in the same run: more is better for a rate, less for a time. */
  readonly against: Readonly<Record<string, Spread>>
}

/** The figure that a row is about, the first of these that it has; the others are shown beside it. */
const mainFigures = [
  'messages_per_s',
  'to_agent_ms_p95',
  'took_ms_p95',
  'login_of_all_ms',
  'hostile_us_p99',
  'judged_us_p99',
  'took_ms',
]

export function linesOf(measurements: readonly Measurement[]): Line[] {
  const names = [...new Set(measurements.map(({ row, contender }) => JSON.stringify([row, contender])))]
  return names.map(name => {
    const [row, contender] = JSON.parse(name) as [string, ContenderName]
    const own = measurements.filter(each => each.row === row && each.contender === contender)
    const figures = Object.fromEntries(
      Object.keys(own[0]?.figures ?? {}).map(figure => [figure, spread(own.map(each => each.figures[figure]))]),
    )
    const others = contender === 'ours' ? (['bare-files', 'bare-memory'] as const) : []
    const against = others.flatMap(other => {
      const ratios = ratiosTo(
        measurements.filter(each => each.row === row && each.contender === other),
        own,
      )
      return ratios.length > 0 ? [[other, spread(ratios)] as const] : []
    })
    return { row, contender, runs: own.length, figures, against: Object.fromEntries(against) }
  })
}

/** Of runs that both were in: what slows the machine down for a while slows both. */
function ratiosTo(theirs: readonly Measurement[], ours: readonly Measurement[]): number[] {
  return ours.flatMap(({ run, figures }) => {
    const other = theirs.find(each => each.run === run)?.figures
    const main = mainFigures.find(name => name in figures)
    const [mine, its] = [figures[main ?? ''], other?.[main ?? '']]
    return mine !== undefined && its !== undefined ? [mine / its] : []
  })
}

function spread(values: readonly (number | undefined)[]): Spread {
  const known = values.filter(value => value !== undefined)
  return { median: rounded(median(known), 3), min: rounded(Math.min(...known), 3), max: rounded(Math.max(...known), 3) }
}

/** The table, one line for each row and contender. */
export function tableOf(lines: readonly Line[]): string {
  const cells = lines.map(({ row, contender, figures, against }) => {
    const main = mainFigures.find(name => name in figures) ?? Object.keys(figures)[0] ?? ''
    const rest = Object.entries(figures).filter(([name]) => name !== main)
    return [
      row,
      contender,
      `${main} ${shown(figures[main])}`,
      Object.entries(against)
        .map(([other, ratio]) => `${shown(ratio)} × ${other}`)
        .join(', '),
      rest.map(([name, value]) => `${name} ${value.median}`).join(', '),
    ]
  })
  const table = [['row', 'contender', 'median (min–max)', 'ratio', 'medians of the rest'], ...cells]
  const widths = [0, 1, 2, 3].map(column => Math.max(...table.map(cell => (cell[column] ?? '').length)))
  return table
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const shown = (value: Spread | undefined): string =>
  value ? `${rounded(value.median)} (${rounded(value.min)}–${rounded(value.max)})` : '–'

/** Writes all of it, in the form in which it can be committed, and answers with the file's path. */
export async function writeResults(
  options: BenchOptions,
  measurements: readonly Measurement[],
  startedAt: Date,
): Promise<string> {
  const results = {
    started_at: startedAt.toISOString(),
    ended_at: new Date().toISOString(),
    machine: machine(),
    options: {
      rows: options.rows,
      contenders: options.contenders,
      runs: options.runs,
      quick: options.quick,
      amounts: options.amounts,
    },
    lines: linesOf(measurements),
    measurements,
  }
  mkdirSync(options.results, { recursive: true })
  const name = `${startedAt.toISOString().slice(0, 19).replaceAll(':', '-')}Z.json`
  const file = join(options.results, name)
  const form = await resolveConfig(join(root, 'package.json'))
  writeFileSync(file, await format(JSON.stringify(results, null, 2), { ...form, parser: 'json' }))
  return file
}

function machine() {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory_mb: Math.round(totalmem() / 2 ** 20),
    kernel: release(),
    load_average: loadavg().map(value => rounded(value)),
    node: process.versions.node,
    packages: dependencies,
    commit: git('rev-parse', 'HEAD'),
    changed_files: git('status', '--porcelain').split('\n').filter(Boolean).length,
  }
}

/** Empty where this is no clone. */
function git(...words: string[]): string {
  try {
    return execFileSync('git', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return ''
  }
}
