import { describe, expect, it } from 'vitest'

import { BASE_PATH } from '../../../plugin/api/rest/routes.ts'
import { call, ORG_A, post, serveApi, tokenOf } from '../../support/api.ts'
import { createMemoryOperations } from '../../support/operations.ts'

const codeOf = (text: string): unknown => JSON.parse(text).error.code

describe('If-Match', () => {
  it('names the version that a change is meant for, as the body may', async () => {
    await using served = await serveApi({ operations: createMemoryOperations() })
    const at = (path: string) => `${served.url}${BASE_PATH}${path}`
    const made = await post(at('/bindings'), { agent: 'echo', match_rule: {} })
    const { id, version } = JSON.parse(made.text)
    const patch = (headers: Record<string, string>, body: object = {}) =>
      call(at(`/bindings/${id}`), {
        method: 'PATCH',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      })
    expect((await patch({ 'if-match': `"${version}"` })).status).toBe(200)
    const late = await patch({ 'if-match': `"${version}"` })
    expect([late.status, codeOf(late.text)]).toEqual([409, 'binding_changed'])
    expect((await patch({ 'if-match': String(version + 1) })).status).toBe(200)
    expect((await patch({}, { version })).status).toBe(409)
    expect((await patch({ 'if-match': '*' })).status).toBe(200)
    for (const odd of ['W/"1"', '"1", "2"', '"x"', '""']) expect((await patch({ 'if-match': odd })).status).toBe(400)
  })
})

describe('who could answer', () => {
  it('is told to those who see bindings, of their own org, and that the host does not say is no error', async () => {
    const asked: string[] = []
    const list = async (org: string) => {
      asked.push(org)
      return { known: false, agents: [], more: false }
    }
    await using served = await serveApi({ operations: createMemoryOperations({ agents: { list } }) })
    const { status, text } = await call(`${served.url}${BASE_PATH}/agents`, { token: tokenOf(ORG_A, 'viewer') })
    expect([status, JSON.parse(text)]).toEqual([200, { known: false, agents: [], more: false }])
    expect(asked).toEqual([ORG_A])
  })
})
