import type { Binding, MatchInput } from '../../plugin/contract/binding.ts'
import { type Lid, lidFromDigits, type OrgId, type Person } from '../../plugin/contract/ids.ts'
import type { Log } from '../../plugin/contract/host.ts'
import { Findings, Unsearched, type Wanted } from '../../plugin/patterns/findings.ts'
import { PatternSearch } from '../../plugin/patterns/pattern-search.ts'
import { RuleIndex } from '../../plugin/routing/rule-index.ts'
import { WorkerPool } from '../../plugin/workers/worker-pool.ts'
import type { Measured } from './rows.ts'
import { percentile } from './statistics.ts'

const patterns = 100
const hostileBytes = 16 * 1024
const hostileEach = 4
const sizes = [10, 1_000, 10_000]
const firstLid = 100_000_000

/** Each pattern's own letters, so that none is passed over unread; then what makes a search that tries all ways not end. */
const hostileText = Array.from({ length: patterns }, (_, index) => `y${index}x`)
  .join('')
  .padEnd(hostileBytes, 'x')

const org = 'org_bench' as OrgId
const silent = (): void => undefined
const log: Log = { trace: silent, debug: silent, info: silent, warn: silent, error: silent }

/**
 * In this process, but for texts that are searched by a worker: one question to so many bindings, every fourth time with a text that is hard on patterns. 100 bindings
 * are patterns at each size, so that a ratio tells what the others cost; where there are only ten, they come on top.
 */
export async function resolverRows(resolutions: number): Promise<Measured[]> {
  const workers = new WorkerPool(log)
  const asking = new PatternSearch(workers)
  try {
    const rows: Measured[] = []
    for (const size of sizes) {
      const added = size < patterns
      const row = `resolver, ${size} bindings ${added ? 'and' : 'with'} ${patterns} patterns`
      rows.push({ row, figures: await figuresOf(added ? size + patterns : size, resolutions, asking) })
    }
    return rows
  } finally {
    await workers.close()
  }
}

/** Resolves a question; what it wants searched first is. */
async function resolved(rules: RuleIndex, question: MatchInput, asking: PatternSearch): Promise<void> {
  const findings = new Findings()
  try {
    rules.resolve(question, findings)
  } catch (error) {
    if (!(error instanceof Unsearched)) throw error
    for (const wanted of error.wanted) await search(wanted, findings, asking)
    rules.resolve(question, findings)
  }
}

async function search(wanted: Wanted, findings: Findings, asking: PatternSearch): Promise<void> {
  const texts = wanted.bindings.map(({ rule }) => rule.text_regex ?? '')
  const { searched } = await asking.search(org, { text: wanted.text, patterns: texts, all: false })
  for (const [at, became] of searched.entries())
    findings.note(wanted, texts[at] ?? '', became === 'broken' ? 'too_slow' : became)
}

async function figuresOf(size: number, resolutions: number, asking: PatternSearch): Promise<Measured['figures']> {
  const bindings = Array.from({ length: size }, (_, index) => binding(index))
  const rules = new RuleIndex(bindings)
  const took: { readonly hostile: number[]; readonly plain: number[] } = { hostile: [], plain: [] }
  for (let index = 0; index < resolutions; index++) {
    const hostile = index % hostileEach === 0
    const question = questionOf(hostile ? hostileText : `hello ${index}`, size - 1)
    const startedAt = performance.now()
    await resolved(rules, question, asking)
    took[hostile ? 'hostile' : 'plain'].push((performance.now() - startedAt) * 1_000)
  }
  const [first = Number.NaN] = took.hostile
  return { first_us: first, ...warm('hostile_us', took.hostile), ...warm('plain_us', took.plain) }
}

function warm(name: string, took: readonly number[]): Measured['figures'] {
  const later = took.slice(Math.floor(took.length / 10))
  return { [`${name}_p50`]: percentile(later, 0.5), [`${name}_p99`]: percentile(later, 0.99) }
}

function lid(number: number): Lid {
  const made = lidFromDigits(String(firstLid + number))
  if (!made) throw new Error('not a LID')
  return made
}

/** The patterns come first: no answer is found before all of them were asked. */
function binding(index: number): Binding {
  const rule = index < patterns ? { text_regex: `(x+x+)+y${index}$` } : { from: `lid:${firstLid + index}` }
  return {
    id: `bnd_${index}`,
    agent: 'echo',
    rule,
    position: index,
    createdAt: 0,
    suspendedAt: null,
  } as unknown as Binding
}

/** The person of the last rule writes. */
function questionOf(text: string, last: number): MatchInput {
  const sender: Person = { lid: lid(last), phone: null }
  return {
    chat: { kind: 'direct', peer: sender },
    sender,
    receiver: { lid: lid(-1), phone: null },
    text,
    mentioned: false,
  }
}
