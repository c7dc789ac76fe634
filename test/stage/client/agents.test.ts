import { describe, expect, it } from 'vitest'

import { agentListResponse, type WireAgentList } from '../../../plugin/contract/api/agents.ts'
import { ChannelError } from '../../../plugin/contract/errors/errors.ts'
import { ORG_A } from '../../support/api.ts'
import { openCli } from '../../support/cli-stage.ts'

describe('agents', () => {
  const having = (answer: Partial<WireAgentList>) => ({
    agents: { list: async () => ({ known: true, agents: [], more: false, ...answer }) },
  })
  const many = Array.from({ length: 21 }, (_, n) => ({ name: `agent-${n}` }))

  it.each([
    ['those there are', { agents: [{ name: 'echo' }, { name: 'sales' }] }, 'echo\nsales\n'],
    [
      'that there are others',
      { agents: [{ name: 'echo' }], more: true },
      'echo\nThere are more, which are not listed.\n',
    ],
    ['that there are none', {}, 'There are none.\n'],
    ['that the host does not tell', { known: false }, 'The host does not list its agents.\n'],
  ])('are listed: %s', async (_, answer, out) => {
    await using stage = await openCli({ operations: having(answer), role: 'viewer' })
    expect(await stage.told('agents', 'list')).toEqual({ status: 0, out, err: '' })
    const json = await stage.told('agents', 'list', '--json')
    expect(agentListResponse.parse(JSON.parse(json.out))).toEqual(await stage.operations.agents.list(ORG_A))
  })

  const SEE = '  → See the agents: agentcy-whatsapp agents list\n'
  it.each([
    ['all', { agents: [{ name: 'echo' }, { name: 'sal\u202Ees' }] }, ' It has echo, sal\\u{202e}es.'],
    [
      'twenty',
      { agents: many },
      ` It has ${many
        .slice(0, 20)
        .map(({ name }) => name)
        .join(', ')} and others.`,
    ],
    ['those that are listed', { agents: [{ name: 'echo' }], more: true }, ' It has echo and others.'],
    ['none where there are none', {}, ''],
    ['none where the host does not tell', { known: false }, ''],
  ])('are named to whoever binds another: %s', async (_, answer, named) => {
    await using stage = await openCli({ operations: having(answer) })
    const { status, err } = await stage.told('bindings', 'create', 'nobody')
    expect([status, err.replace(/req_\w+/, 'req_1')]).toEqual([
      1,
      `The host has no agent with this name.${named} (unknown_agent, req_1)\n${SEE}`,
    ])
  })

  it('are named as well where a binding is given to another, and not where something else is wrong', async () => {
    const update = async (_org: unknown, id: string) => {
      throw new ChannelError(id === 'bnd_1' ? 'unknown_agent' : 'not_found')
    }
    await using stage = await openCli({ operations: { bindings: { update } } })
    expect((await stage.told('bindings', 'update', 'bnd_1', '--agent', 'nobody')).err).toContain('It has echo. (')
    expect((await stage.told('bindings', 'update', 'bnd_2', '--agent', 'nobody')).err).not.toContain('echo')
  })

  it('that cannot be listed take nothing from why it was refused', async () => {
    const list = () => Promise.reject(new ChannelError('internal'))
    await using stage = await openCli({ operations: { agents: { list } } })
    const { err } = await stage.told('bindings', 'create', 'nobody')
    expect(err).toMatch(/^The host has no agent with this name\. \(unknown_agent, /)
  })
})
