import { describe, expect, it } from 'vitest'

import { openCli } from '../../support/cli-stage.ts'
import { PHONE } from '../../support/operations.ts'

describe('bindings explain', () => {
  const nobody = { outcome: 'unmatched', reason: 'no_binding', binding_id: null, bindings: [] } as const
  const binding = { id: 'bnd_1', agent: 'echo', position: 1, verdict: 'holds', clauses: [] } as const
  const echo = { outcome: 'matched', reason: null, binding_id: 'bnd_1', bindings: [binding] } as const
  const operations = {
    explanations: {
      of: async () => ({ ...echo, bindings: [{ ...binding, clauses: [] }] }),
      trace: async () => ({ ...nobody, bindings: [] }),
    },
  }

  it('says of a stored message what was judged then and what is now, and of a made-up one what is now', async () => {
    await using stage = await openCli({ operations })
    const stored = await stage.told('bindings', 'explain', 'msg_1')
    expect(stored).toMatchObject({ status: 0, err: '' })
    expect(stored.out).toBe('Then: nobody answered (no binding). Now: echo would answer.\n  1  bnd_1 echo: holds\n')
    const madeUp = await stage.told('bindings', 'explain', '--from', PHONE)
    expect(madeUp.out).toBe('bnd_1 answers\n  1  bnd_1 echo: holds\n')
  })

  it('gives both to a machine', async () => {
    await using stage = await openCli({ operations })
    const { out } = await stage.told('bindings', 'explain', 'msg_1', '--json')
    expect(JSON.parse(out)).toEqual({ ...echo, when_it_came: nobody })
    expect(JSON.parse((await stage.told('bindings', 'explain', '--from', PHONE, '--json')).out)).toEqual(echo)
  })
})
