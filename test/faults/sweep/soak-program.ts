import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { parseArgs } from 'node:util'

import { soak, type Account } from './soak.ts'
import type { options } from './soak-options.ts'

/** Each stretch has an account of its own and is counted when it ended: what is broken off costs one stretch. */
const KILLS_A_STRETCH = 25

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values']

const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** Runs the soak; answers with the status to end with. */
export async function main(values: Values): Promise<number> {
  const [kills, rate, delayMs] = [Number(values.kills), Number(values.rate), Number(values.delay)]
  const file = fileURLToPath(new URL(`../../../dist/soak/${rate}-${delayMs}.json`, import.meta.url))
  if (values.restart) rmSync(file, { force: true })
  let total = readTotal(file)
  while (total.kills < kills) {
    const before = total
    const wanted = Math.min(KILLS_A_STRETCH, kills - total.kills)
    const stretch = await soak({ kills: wanted, rate, delayMs }, (done, said) => {
      if (done % 5 === 0) say(`… ${before.kills + done} of ${kills} kills, ${before.said + said} messages`)
    })
    total = sum(total, stretch)
    say(lineOf(total))
    writeTotal(file, total)
  }
  say(`in all, at ${rate} messages a second and ${delayMs} ms to think: ${lineOf(total)}`)
  return total.lost === 0 && total.duplicates === 0 && total.outcomes === total.said ? 0 : 1
}

function lineOf({ kills, said, outcomes, answered, lost, duplicates, unanswered }: Account): string {
  const sums = `received ${said} = outcomes ${outcomes}, answered ${answered}, lost ${lost}, duplicates ${duplicates}`
  const why = Object.entries(unanswered).map(([outcome, count]) => `${count} ${outcome}`)
  return [`${kills} kills, ${sums}`, ...why].join(', ')
}

const NOTHING: Account = { kills: 0, said: 0, outcomes: 0, answered: 0, lost: 0, duplicates: 0, unanswered: {} }

const readTotal = (file: string): Account =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Account) : NOTHING

function writeTotal(file: string, total: Account): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify(total))
}

const sum = (one: Account, other: Account): Account => ({
  kills: one.kills + other.kills,
  said: one.said + other.said,
  outcomes: one.outcomes + other.outcomes,
  answered: one.answered + other.answered,
  lost: one.lost + other.lost,
  duplicates: one.duplicates + other.duplicates,
  unanswered: sumOfEach(one.unanswered, other.unanswered),
})

function sumOfEach(one: Record<string, number>, other: Record<string, number>): Record<string, number> {
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return Object.fromEntries([...names].map(name => [name, (one[name] ?? 0) + (other[name] ?? 0)]))
}
