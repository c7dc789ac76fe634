import { join } from 'node:path'

import { startBare } from './bare.ts'
import { warmUp } from './burst.ts'
import type { Contender } from './contender.ts'
import { asksForHelp, type BenchOptions, type ContenderName, readOptions, usage } from './options.ts'
import { startOurs } from './ours.ts'
import { type Network, root, startNetwork } from './processes.ts'
import { linesOf, type Measurement, tableOf, writeResults } from './report.ts'
import { policyRows } from './policy-row.ts'
import { resolverRows } from './resolver-row.ts'
import { type Measured, type Stage, stagedRows } from './rows.ts'
import { socketsRow } from './sockets-row.ts'
import { startRows } from './start-row.ts'
import { rounded } from './statistics.ts'

const contacts = 10
const groupContacts = 3

const say = (text: string): void => void process.stdout.write(`${text}\n`)

type Keep = (run: number, contender: ContenderName, measured: readonly Measured[]) => void

/** Whoever goes first has a fresher network: the order changes from run to run. */
function inTurn<Item>(items: readonly Item[], run: number): Item[] {
  return items.map((_, index) => items[(index + run) % items.length]).filter(item => item !== undefined)
}

async function stageFor(network: Network, contender: Contender, { amounts }: BenchOptions): Promise<Stage> {
  const authors = await Promise.all(
    Array.from({ length: contacts }, (_, index) =>
      network.control.phone(`contact ${index} of ${contender.owner.name}`),
    ),
  )
  const talkers = authors.slice(0, groupContacts)
  const group = await network.control.group(`group of ${contender.owner.name}`, [contender.owner, ...talkers])
  const stage = {
    network,
    contender,
    amounts,
    direct: { authors, to: contender.owner },
    group: { authors: talkers, to: group },
  }
  await warmUp(network, stage.direct)
  await warmUp(network, stage.group)
  return stage
}

async function runStaged(options: BenchOptions, { run, name }: { run: number; name: ContenderName }, keep: Keep) {
  const rows = options.rows.flatMap(row => stagedRows[row] ?? [])
  if (rows.length === 0) return
  await using network = await startNetwork()
  await using contender =
    name === 'ours' ? await startOurs(network, options.profiles) : await startBare(network, name, options.profiles)
  const stage = await stageFor(network, contender, options)
  for (const row of rows) keep(run, name, await row(stage))
  const unknown = await network.control.unknown()
  if (unknown.length > 0) say(`  the network did not understand ${unknown.length} stanzas of ${name}`)
}

async function runSockets(options: BenchOptions, { run, name }: { run: number; name: ContenderName }, keep: Keep) {
  for (const sockets of options.amounts.sockets) {
    await using network = await startNetwork()
    keep(run, name, [await socketsRow(network, name, sockets)])
  }
}

async function runOnce(options: BenchOptions, run: number, keep: Keep): Promise<void> {
  for (const name of inTurn(options.contenders, run)) {
    await runStaged(options, { run, name }, keep)
    if (options.rows.includes('sockets')) await runSockets(options, { run, name }, keep)
  }
  if (options.rows.includes('resolver')) keep(run, 'ours', await resolverRows(options.amounts.resolutions))
  if (options.rows.includes('policies')) keep(run, 'ours', await policyRows(options.amounts.judgements))
  if (options.rows.includes('start')) {
    await using network = await startNetwork()
    keep(run, 'ours', await startRows(network))
  }
}

async function bench(options: BenchOptions): Promise<void> {
  const startedAt = new Date()
  const measurements: Measurement[] = []
  const keep: Keep = (run, contender, measured) => {
    for (const { row, figures } of measured) {
      measurements.push({ run, row, contender, figures })
      const values = Object.entries(figures).map(([name, value]) => `${name} ${rounded(value)}`)
      say(`run ${run + 1}/${options.runs}  ${row}  ${contender}: ${values.join(', ')}`)
    }
  }
  try {
    for (let run = 0; run < options.runs; run++) await runOnce(options, run, keep)
  } finally {
    const file = await writeResults(options, measurements, startedAt)
    say(`\n${tableOf(linesOf(measurements))}\n\nWritten to ${file}`)
  }
}

try {
  const words = process.argv.slice(2)
  if (asksForHelp(words)) say(usage)
  else await bench(readOptions(words, join(root, 'test', 'bench', 'results')))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exitCode = 1
}
