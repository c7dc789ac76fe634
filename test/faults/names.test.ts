import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { startHost } from '../support/host-process.ts'
import { startStory } from '../support/story.ts'

const hostile = ['..', '%2e%2e%2f', 'a%2fb', '%00', 'x'.repeat(300), 'CON', '%D0%9Erg', '%', 'bnd_%ff']

describe('F50: names that are no names', () => {
  it('no id reaches a path, whatever it is made of', async () => {
    await using host = await startHost()
    await host.request('GET', '/api/v1/bindings')
    const before = (await readdir(host.home, { recursive: true })).sort()
    for (const id of hostile) {
      const answers = [
        await host.request('DELETE', `/api/v1/bindings/${id}`),
        await host.request('GET', `/api/v1/channels/whatsapp/sends/${id}`),
        await host.request('GET', `/api/v1/channels/whatsapp/qr/status?session_id=${id}`),
      ]
      for (const { status } of answers) expect([400, 404, 405]).toContain(status)
    }
    const names = (entries: string[]) => entries.filter(name => !/whatsapp\.db-(wal|shm)$/.test(name))
    expect(names((await readdir(host.home, { recursive: true })).sort())).toEqual(names(before))
  })

  it.each(['..', 'a/b', 'Оrg', 'x'.repeat(65), ''])('no token is minted for the org %j', async org => {
    await using host = await startHost()
    await expect(host.mintToken(org, 'owner')).rejects.toThrow()
  })

  it('two orgs that differ only in case never share a folder', async () => {
    await using story = await startStory()
    const { host } = story
    const state = join(host.home, 'openfang', 'whatsapp-gateway', 'auth')
    const start = async (org: string) => {
      const headers = { authorization: `Bearer ${await host.mintToken(org, 'owner')}` }
      await host.request('POST', '/api/v1/channels/whatsapp/configure', { headers, body: { fields: {} } })
      return host.request('POST', '/api/v1/channels/whatsapp/qr/start', { headers })
    }
    expect(await start('My-Bot')).toMatchObject({ status: 200 })
    expect(await start('my-bot')).toMatchObject({ status: 503, body: { error: { code: 'account_stopped' } } })
    expect(await readdir(join(state, 'My-Bot'))).toContain('default.sqlite')
    const twin = await readdir(join(state, 'my-bot')).catch(() => [])
    expect(twin).toEqual([])
  })
})
