import { readdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { CODE_LIFE_MS, createSignInCodes, type SignInCodes } from '../../../host-stub/agentcy/sign-in-codes.ts'
import { serveSignIn, serveSignOut } from '../../../host-stub/agentcy/sign-in-route.ts'
import { LOCAL_OWNER, openTokens, PAGE_LIFE_MS, type Tokens } from '../../../host-stub/agentcy/tokens.ts'
import { startHost } from '../../support/host-process.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const EXCHANGE = '/api/v1/auth/exchange'
const CHANNELS = '/api/v1/channels'

type Answered = Promise<{ status: number; body: Record<string, unknown> }>

type Door = AsyncDisposable & {
  readonly codes: SignInCodes
  readonly tokens: Tokens
  readonly home: string
  pass(ms: number): void
  exchange(body: string, headers?: Record<string, string>): Answered
  signOut(token: string | null, method?: string): Answered
}

/** The route alone, with a clock that stands still until it is told otherwise. */
async function openDoor(): Promise<Door> {
  const folder = await temporaryFolder()
  let now = Date.parse('2026-03-01T08:00:00Z')
  const codes = createSignInCodes(() => now)
  const tokens = openTokens(folder.path, () => now)
  const server = createServer((request, response) => {
    if (!serveSignOut({ tokens }, request, response)) void serveSignIn({ codes, tokens }, request, response)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const url = `${base}${EXCHANGE}`
  return {
    codes,
    tokens,
    home: folder.path,
    pass: ms => void (now += ms),
    async exchange(body, headers = { 'content-type': 'application/json' }) {
      const response = await fetch(url, { method: 'POST', headers, body })
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    },
    async signOut(token, method = 'DELETE') {
      const headers = token === null ? {} : { authorization: `Bearer ${token}` }
      const response = await fetch(`${base}/api/v1/auth/token`, { method, headers })
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

const giving = (code: string): string => JSON.stringify({ code })

describe('a code of a sign-in link', () => {
  it('is exchanged once for a token of its owner, also when two come at once', async () => {
    await using door = await openDoor()
    const code = door.codes.issue(LOCAL_OWNER)
    const answers = await Promise.all([door.exchange(giving(code)), door.exchange(giving(code))])
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 401])
    const given = answers.find(({ status }) => status === 200)?.body
    expect(door.tokens.authenticate(String(given?.['token']))).toEqual({
      org: 'org_local',
      user: 'usr_local',
      role: 'owner',
    })
    expect(given?.['expires_at']).toBe('2026-03-01T20:00:00.000Z')
    expect(await door.exchange(giving(code))).toMatchObject({ status: 401, body: { error: { code: 'unauthorized' } } })
  })

  it('is refused when it is ten minutes old, and good until then', async () => {
    await using door = await openDoor()
    const [early, late] = [door.codes.issue(LOCAL_OWNER), door.codes.issue(LOCAL_OWNER)]
    door.pass(CODE_LIFE_MS - 1)
    expect((await door.exchange(giving(early))).status).toBe(200)
    door.pass(1)
    expect((await door.exchange(giving(late))).status).toBe(401)
  })

  it('is taken as one JSON object and nothing else, and guesses leave it good', async () => {
    await using door = await openDoor()
    const code = door.codes.issue(LOCAL_OWNER)
    const wrong = ['', '{', 'null', '{"code":7}', `{"code":"${code}","more":1}`, giving('x'.repeat(2_000))]
    for (const body of wrong) expect((await door.exchange(body)).status).toBe(400)
    expect((await door.exchange(giving(code), { 'content-type': 'text/plain' })).status).toBe(400)
    expect((await door.exchange(giving(`${code.slice(0, -1)}_`))).status).toBe(401)
    expect(door.tokens.list()).toEqual([])
    expect((await door.exchange(giving(code))).status).toBe(200)
  })

  it('gives a token that ends when its page signs out, and no other token does', async () => {
    await using door = await openDoor()
    const [page, another] = [door.tokens.mintForPage(LOCAL_OWNER).token, door.tokens.mintForPage(LOCAL_OWNER).token]
    const minted = door.tokens.mint(LOCAL_OWNER).token
    expect((await door.signOut(page, 'POST')).status).toBe(405)
    expect(await door.signOut(page)).toEqual({ status: 200, body: { revoked: true } })
    expect(door.tokens.authenticate(page)).toBeNull()
    for (const token of [page, 'made-up', null]) expect((await door.signOut(token)).status).toBe(401)
    expect(await door.signOut(minted)).toEqual({ status: 200, body: { revoked: false } })
    for (const token of [another, minted]) expect(door.tokens.authenticate(token)?.role).toBe('owner')
  })

  it('gives a token that ends after half a day, and is then forgotten at the next start', async () => {
    await using door = await openDoor()
    const { token, record } = door.tokens.mintForPage(LOCAL_OWNER)
    const kept = door.tokens.mint(LOCAL_OWNER)
    door.pass(PAGE_LIFE_MS - 1)
    door.tokens.clearEnded()
    expect(door.tokens.authenticate(token)?.role).toBe('owner')
    door.pass(1)
    expect(door.tokens.authenticate(token)).toBeNull()
    expect(door.tokens.list()).toContainEqual(record)
    door.tokens.clearEnded()
    expect(await readdir(join(door.home, 'tokens'))).toEqual([`${kept.record.id}.json`])
  })
})

describe('the link that a start prints', () => {
  it('signs a page in once, for longer than the host runs, and what it gave is in no log', async () => {
    await using host = await startHost({ env: { AGENTCY_TOKEN: '', LOG_LEVEL: 'trace' } })
    const [, link = '', code = ''] = /(http:\S+\/channels)#signin=(\S+)/.exec(host.logs()) ?? []
    expect(link).toBe(`${host.url}/channels`)
    const exchange = () => host.request('POST', EXCHANGE, { body: { code }, headers: { authorization: '' } })
    const given = await exchange()
    const { token } = given.body as { token: string }
    const look = () => host.request('GET', CHANNELS, { headers: { authorization: `Bearer ${token}` } })
    expect([given.status, (await exchange()).status, (await look()).status]).toEqual([200, 401, 200])
    await host.restart()
    expect([(await exchange()).status, (await look()).status]).toEqual([401, 200])
    expect(host.logs().split(code)).toHaveLength(2)
    expect(host.logs()).not.toContain(token)
  })
})
