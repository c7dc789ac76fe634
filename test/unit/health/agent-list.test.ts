import { describe, expect, it, vi } from 'vitest'

import { createAgents } from '../../../host-stub/agentcy/agents.ts'
import { agentsFor } from '../../../plugin/health/agent-list.ts'
import type { Agents } from '../../../plugin/contract/host.ts'
import { agentsThat, echo, keptLog } from '../../support/host.ts'
import { HOSTILE } from '../../support/plain-texts.ts'
import { ORG } from '../../support/store.ts'

/** What is listed where the host answers with that, and what is logged. */
async function asked(list: Agents['list']) {
  const kept = keptLog()
  const agents = { ...agentsThat(echo), ...(list && { list }) }
  return { answer: await agentsFor({ agents, log: kept.log }, ORG), lines: kept.lines }
}

const answers = (given: unknown) => async () => given as readonly string[]
const NOT_KNOWN = { known: false, agents: [], more: false }
const named = (...names: string[]) => names.map(name => ({ name }))

describe('the agents that could answer', () => {
  it('are those that the host names, each once, in its order', async () => {
    const { answer } = await asked(answers(['sales', 'echo', 'sales']))
    expect(answer).toEqual({ known: true, agents: named('sales', 'echo'), more: false })
  })

  it('are asked for with the org that asks', async () => {
    const { answer } = await asked(async org => [org])
    expect(answer.agents).toEqual(named(ORG))
  })

  it('are waited for no more once the host has answered', async () => {
    vi.useFakeTimers()
    try {
      await asked(answers(['echo']))
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it('may be none, which is known', async () => {
    expect((await asked(answers([]))).answer).toEqual({ known: true, agents: [], more: false })
  })

  it('are those of the stub that exist', async () => {
    const agents = createAgents({ BOOKKEEPER_BOOK: '/book' }, keptLog().log)
    const { answer } = await asked(async given => (await agents.list?.(given)) ?? null)
    expect(answer.agents).toEqual(named('echo', 'default', 'incident-responder', 'bookkeeper'))
    for (const { name } of answer.agents) expect(await agents.exists(ORG, name)).toBe(true)
  })
})

describe('of the agents are shown', () => {
  it.each([
    [500, false],
    [501, true],
    [100_000, true],
  ])('at most 500 of %i, and whether there are more: %s', async (count, more) => {
    const { answer } = await asked(answers(Array.from({ length: count }, (_, n) => `agent-${n}`)))
    expect([answer.agents.length, answer.agents.at(-1)?.name, answer.more]).toEqual([500, 'agent-499', more])
  })

  it('names of 64 characters, and no longer one, which would be another when it is cut', async () => {
    const { answer } = await asked(answers(['x'.repeat(65), 'x'.repeat(64)]))
    expect(answer).toEqual({ known: true, agents: named('x'.repeat(64)), more: true })
  })

  it.each([...HOSTILE.map(([what, text]) => [what, text]), ['nothing', ''], ['NUL', 'a\0b'], ['two lines', 'a\nb']])(
    'none whose name has %s in it',
    async (_, name) => {
      expect((await asked(answers([name, 'echo']))).answer).toEqual({ known: true, agents: named('echo'), more: true })
    },
  )

  it.each([[7], [null], [undefined], [{ name: 'x' }], [['x']]])('none that is no name: %j', async name => {
    expect((await asked(answers([name, 'echo']))).answer.agents).toEqual(named('echo'))
  })
})

describe('the agents are not known', () => {
  it.each([
    ['a host that cannot say', undefined],
    ['a host that says null', answers(null)],
  ])('of %s, which is no failure', async (_, list) => {
    expect(await asked(list)).toEqual({ answer: NOT_KNOWN, lines: [] })
  })

  it.each<readonly [string, Agents['list'], string | null]>([
    [
      'throws at once',
      () => Promise.reject(Object.assign(new Error('secret'), { code: 'ECONNREFUSED' })),
      'ECONNREFUSED',
    ],
    [
      'throws before it gives a promise',
      () => {
        throw new Error('secret')
      },
      null,
    ],
    ['throws what is no error', () => Promise.reject('secret'), null],
    ['answers with a text', answers('echo'), 'malformed'],
    ['answers with an object', answers({ 0: 'echo' }), 'malformed'],
  ])('of a host that %s, which is logged without its words', async (_, list, code) => {
    const line = { level: 'warn', event: 'agents not listed', fields: { org: ORG, code } }
    expect(await asked(list)).toEqual({ answer: NOT_KNOWN, lines: [line] })
  })

  it('of a host that is silent for two seconds', async () => {
    vi.useFakeTimers()
    try {
      let isAnswered = false
      const asking = asked(() => new Promise(() => undefined)).finally(() => (isAnswered = true))
      await vi.advanceTimersByTimeAsync(1_999)
      expect(isAnswered).toBe(false)
      await vi.advanceTimersByTimeAsync(1)
      expect(isAnswered).toBe(true)
      const { answer, lines } = await asking
      expect([answer, lines.map(({ fields }) => fields['code'])]).toEqual([NOT_KNOWN, ['overdue']])
    } finally {
      vi.useRealTimers()
    }
  })
})
