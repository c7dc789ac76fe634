import type { parseArgs } from 'node:util'

import { ATTACKS } from './assault-contract.ts'
import { attack, MOST_MS, ms, type Times, type Verdict } from './attack.ts'
import { measureDelays, type Delay, type Table } from './delays.ts'
import { type options, usage } from './attack-options.ts'

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values']

const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** Runs the attack; answers with the status to end with. */
export async function main(values: Values): Promise<number> {
  const [minutes, seed] = [Number(values.minutes), Number(values.seed)]
  const kinds = ATTACKS.filter(kind => values.kinds.split(',').includes(kind))
  if (!(minutes > 0) || !Number.isInteger(seed) || kinds.length === 0) {
    say(usage)
    return 2
  }
  say(`seed ${seed}`)
  // What was begun is ended also when it is broken off.
  const ending = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort())
  if (values.table) return sayDelays({ seed, only: values.only, signal: ending.signal })
  const verdict = await attack({ minutes, seed, kinds, signal: ending.signal }, say)
  say(tableOf(verdict))
  for (const found of verdict.broken) say(`BROKEN: ${found}`)
  say(verdict.broken.length === 0 ? `org A noticed nothing (seed ${seed})` : `org A was harmed (seed ${seed})`)
  return verdict.broken.length === 0 ? 0 : 1
}

/** Says what each row of the tables does to org A, as it goes and at the end, worst first. */
async function sayDelays(table: Table): Promise<number> {
  const delays = await measureDelays(table, delay => say(lineOf(delay).join('  ')))
  const [none, ...rows] = delays
  const late = ({ echoMs, healthMs }: Delay): number => Math.max(echoMs - (none?.echoMs ?? 0), healthMs)
  const sorted = rows.toSorted((one, other) => late(other) - late(one))
  say(markdown([none, ...sorted].filter(delay => delay !== undefined)))
  const incomplete = table.signal.aborted ? 'it was broken off' : rows.length === 0 ? 'no row was played' : null
  if (incomplete !== null) say(incomplete)
  return incomplete !== null || rows.some(delay => late(delay) > MOST_MS) ? 1 : 0
}

const lineOf = ({ kind, name, echoMs, healthMs, tally }: Delay): string[] => {
  const counts = tally ? [tally.accepted, tally.refused, tally.broken] : ['', '', '']
  return [kind, name, ms(echoMs), ms(healthMs), ...counts.map(String)]
}

const plain = (cell: string): string => cell.replaceAll('|', '\\|')

function markdown(delays: readonly Delay[]): string {
  const head = ['kind', 'input', 'echo', '/healthz', 'accepted', 'refused', 'cut off']
  const lines = [head, head.map(() => '---'), ...delays.map(delay => lineOf(delay).map(plain))]
  return lines.map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

/** How often what was tried, and what org A saw of it. */
export function tableOf({ quiet, attacked, lost, twice, tallies }: Verdict): string {
  const tries = Object.entries(tallies ?? {}).map(([kind, { accepted, refused, broken }]) => {
    const counts = [accepted + refused + broken, accepted, refused, broken]
    return [kind, ...counts.map(String)]
  })
  const times = (name: string, before: Times, during: Times): string =>
    `${name}: p50 ${ms(during.p50)}, p99 ${ms(during.p99)}, longest ${ms(during.longest)} of ${during.count}; without attack p50 ${ms(before.p50)}, p99 ${ms(before.p99)}, longest ${ms(before.longest)} of ${before.count}`
  return [
    ...inColumns([['attack', 'tried', 'accepted', 'refused', 'cut off or given up'], ...tries]),
    '',
    times('echo', quiet.echo, attacked.echo),
    times('/healthz', quiet.health, attacked.health),
    `lost ${lost}, answered twice ${twice}`,
  ].join('\n')
}

function inColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  return rows.map(row =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  )
}
