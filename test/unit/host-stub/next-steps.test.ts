import { expect, it } from 'vitest'

import { demoSteps, nextSteps } from '../../../host-stub/next-steps.ts'

const TOKEN = 'ak_live_0123456789abcdef'
const started = (mintedToken: string | null) => ({
  url: 'http://127.0.0.1:8080',
  home: '/home/somebody/.agentcy',
  mintedToken,
  signInLink: () => 'http://127.0.0.1:8080/channels#signin=code',
})

const TOLD: [string, (minted: string | null) => string][] = [
  ['a start', minted => nextSteps(started(minted), false)],
  ['a simulated start', minted => nextSteps(started(minted), true)],
  ['the demo', minted => demoSteps(started(minted))],
]

it.each(TOLD)('%s shows the token that it has minted in one place, on a line of its own', (_, told) => {
  const lines = told(TOKEN).split('\n')
  expect(lines.filter(line => line.includes(TOKEN))).toEqual([`  ${TOKEN}`])
  expect(lines.join('\n')).toContain('read -rs AGENTCY_TOKEN; export AGENTCY_TOKEN')
})

it.each(TOLD)('%s shows none that was given to it, or minted before', (_, told) => {
  expect(told(null)).toContain('The owner token is the one in AGENTCY_TOKEN')
  expect(told(null)).not.toMatch(/AGENTCY_TOKEN=/)
})
