import type { Binding } from '../../plugin/contract/binding.ts'
import { lidFromDigits, type Lid, type Person } from '../../plugin/contract/ids.ts'
import { Resolver, type Question } from '../../plugin/resolver.ts'
import type { Measured } from './rows.ts'
import { percentile } from './statistics.ts'

const regexes = 100
const hostileBytes = 16 * 1024
const sizes = [10, 1_000, 10_000]
const firstLid = 100_000_000

/**
 * In this process: one question to so many bindings, every other time with a text that is hard on patterns. 100 bindings
 * are patterns at each size (in addition, where there are only ten), so that a ratio tells what the others cost.
 */
export function resolverRows(resolutions: number): Measured[] {
  return sizes.map(size => {
    const bindings = Array.from({ length: size < regexes ? size + regexes : size }, (_, index) => binding(index))
    const resolver = new Resolver()
    const took: number[] = []
    for (let index = 0; index < resolutions; index++) {
      const question = questionFrom(index, bindings.length - 1)
      const startedAt = performance.now()
      resolver.resolve(question, bindings)
      took.push(performance.now() - startedAt)
    }
    const warm = took.slice(Math.floor(took.length / 10))
    const figures = {
      first_us: (took[0] ?? Number.NaN) * 1_000,
      took_us_p50: percentile(warm, 0.5) * 1_000,
      took_us_p99: percentile(warm, 0.99) * 1_000,
    }
    return { row: `resolver, ${size} bindings`, figures }
  })
}

function lid(number: number): Lid {
  const made = lidFromDigits(String(firstLid + number))
  if (!made) throw new Error('not a LID')
  return made
}

/** The patterns come first: no answer is found before all of them were asked. */
function binding(index: number): Binding {
  const rule = index < regexes ? { text_regex: `(x+x+)+y${index}$` } : { from: `lid:${firstLid + index}` }
  return { id: `bnd_${index}`, agent: 'echo', rule, position: index, createdAt: 0 } as unknown as Binding
}

/** The person of the last rule writes. */
function questionFrom(index: number, last: number): Question {
  const sender: Person = { lid: lid(last), phone: null }
  const text = index % 2 === 0 ? 'x'.repeat(hostileBytes) : `hello ${index}`
  return { chat: { kind: 'direct', peer: sender }, sender, receiver: { lid: lid(-1), phone: null }, text }
}
