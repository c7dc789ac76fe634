import type { Binding } from '../../plugin/contract/binding.ts'
import { lidFromDigits, type Lid, type Person } from '../../plugin/contract/ids.ts'
import { RuleIndex } from '../../plugin/rule-index.ts'
import type { Question } from '../../plugin/rule.ts'
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

/**
 * In this process: one question to so many bindings, every fourth time with a text that is hard on patterns. 100 bindings
 * are patterns at each size, so that a ratio tells what the others cost; where there are only ten, they come on top.
 */
export function resolverRows(resolutions: number): Measured[] {
  return sizes.map(size => {
    const added = size < patterns
    const row = `resolver, ${size} bindings ${added ? 'and' : 'with'} ${patterns} patterns`
    return { row, figures: figuresOf(added ? size + patterns : size, resolutions) }
  })
}

function figuresOf(size: number, resolutions: number): Measured['figures'] {
  const bindings = Array.from({ length: size }, (_, index) => binding(index))
  const rules = new RuleIndex(bindings)
  const took: { readonly hostile: number[]; readonly plain: number[] } = { hostile: [], plain: [] }
  for (let index = 0; index < resolutions; index++) {
    const hostile = index % hostileEach === 0
    const question = questionOf(hostile ? hostileText : `hello ${index}`, size - 1)
    const startedAt = performance.now()
    rules.resolve(question)
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
  return { id: `bnd_${index}`, agent: 'echo', rule, position: index, createdAt: 0 } as unknown as Binding
}

/** The person of the last rule writes. */
function questionOf(text: string, last: number): Question {
  const sender: Person = { lid: lid(last), phone: null }
  return {
    chat: { kind: 'direct', peer: sender },
    sender,
    receiver: { lid: lid(-1), phone: null },
    text,
    mentioned: false,
  }
}
