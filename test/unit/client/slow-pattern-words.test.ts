import { expect, it } from 'vitest'

import type { HostCall } from '../../../client/command/command.ts'
import { commandNamed } from '../../../client/command-table.ts'
import type { WireBinding, WireExplanation } from '../../../plugin/contract/api/bindings.ts'
import { createScreen } from '../../support/screen.ts'

const AT = '2026-01-02T03:04:05.000Z'
const binding: WireBinding = {
  id: 'bnd_1',
  agent: 'echo',
  match_rule: { text_regex: 'stop' },
  conversation: 'chat',
  position: 1,
  enabled: true,
  version: 1,
  created_at: AT,
}

/** What a command prints of what its host answers. */
async function printed(name: 'bindings list' | 'bindings explain', answer: object): Promise<string> {
  const { terminal, written } = createScreen({})
  const asked = { query: () => Promise.resolve(answer) }
  const client = { bindings: { list: asked, explain: asked }, whatsapp: { messages: { trace: asked } } }
  await commandNamed(name.split(' '))?.run({ terminal, client, words: ['msg_1'], options: {} } as unknown as HostCall)
  return written.out
}

it('a list of bindings says which are suspended', async () => {
  const bindings = [binding, { ...binding, id: 'bnd_2', suspended_at: AT }]
  const [, first = '', second = ''] = (await printed('bindings list', { bindings })).split('\n')
  expect(first).not.toContain('suspended')
  expect(second).toContain('suspended: its pattern takes too long, save it again')
})

it('an explanation says which pattern takes too long', async () => {
  const explanation: WireExplanation = {
    outcome: 'unmatched',
    reason: 'rule_too_slow',
    binding_id: null,
    bindings: [
      {
        id: 'bnd_1',
        agent: 'echo',
        position: 1,
        verdict: 'too_slow',
        clauses: [{ key: 'text_regex', wanted: 'stop', found: null, held: 'too_slow' }],
      },
    ],
  }
  const out = await printed('bindings explain', explanation)
  expect(out.split('\n').slice(0, 3)).toEqual([
    'Then and now: nobody answers (rule too slow).',
    '  1  bnd_1 echo: too_slow',
    '     too_slow text_regex stop',
  ])
})
