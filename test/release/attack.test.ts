import { expect, it } from 'vitest'

import { attack } from '../faults/attack/attack.ts'
import { tableOf } from '../faults/attack/attack-program.ts'

const MINUTES = 10
const SEED = 16

it('org A notices nothing of ten minutes in which strangers, org B and its contacts try everything at once', async () => {
  const verdict = await attack({ minutes: MINUTES, seed: SEED }, line => process.stdout.write(`${line}\n`))
  process.stdout.write(`${tableOf(verdict)}\n`)
  expect(verdict.broken).toEqual([])
  expect(verdict).toMatchObject({ lost: 0, twice: 0 })
})
