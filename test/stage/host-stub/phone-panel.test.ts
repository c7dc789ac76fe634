import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { LOCAL_ORG, openTokens } from '../../../host-stub/agentcy/tokens.ts'
import { createPhonePanel } from '../../../host-stub/phone-panel.ts'
import type { RequestOf, Responses } from '../../../host-stub/whatsapp/contract/control-contract.ts'
import type { Role } from '../../../plugin/contract/role.ts'
import { type RunningNetwork, startNetwork } from '../../support/network.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const CONTROL = '/simulated-phone/control'
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='

type Answer = { readonly status: number; readonly headers: Headers; readonly body: Record<string, unknown> }
type Panel = AsyncDisposable & {
  readonly url: string
  readonly network: RunningNetwork
  ask(
    operation: string,
    request: unknown,
    more?: { org?: string; role?: Role | null; method?: string },
  ): Promise<Answer>
  /** What an admin is answered. */
  play<Name extends keyof Responses>(operation: Name, request: RequestOf<Name>): Promise<Responses[Name]>
}

/** The route in a server of its own, before a network that runs. */
async function openPanel(): Promise<Panel> {
  const folder = await temporaryFolder()
  const tokens = openTokens(folder.path)
  const network = await startNetwork({ media: true })
  const panel = createPhonePanel(network.state)
  const authenticate = (token: string) => Promise.resolve(tokens.authenticate(token))
  const server = createServer((request, response) => {
    void panel.handle({ request, response, authenticate }).then(mine => mine || response.writeHead(418).end())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const ask: Panel['ask'] = async (operation, request, { org = LOCAL_ORG, role = 'admin', method = 'POST' } = {}) => {
    const authorization = role && `Bearer ${tokens.mint({ org, role }).token}`
    const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) }
    const body = method === 'POST' ? { body: JSON.stringify(request) } : {}
    const response = await fetch(`${url}${CONTROL}/${operation}`, { method, headers, ...body })
    return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] }
  }
  return {
    url,
    network,
    ask,
    async play<Name extends keyof Responses>(operation: Name, request: RequestOf<Name>) {
      const { status, body } = await ask(operation, request)
      expect({ operation, status, body }).toMatchObject({ status: 200 })
      return body as Responses[Name]
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await network[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

describe('the simulated phones on a page', () => {
  let panel: Panel
  beforeAll(async () => void (panel = await openPanel()))
  afterAll(() => panel[Symbol.asyncDispose]())

  it('are for an admin of the host, who does with them what people do and nothing else', async () => {
    expect(await panel.ask('phones/list', {}, { role: null })).toMatchObject({ status: 401 })
    for (const role of ['viewer', 'member'] as const) {
      const refused = await panel.ask('phones/list', {}, { role })
      expect(refused).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } })
    }
    const elsewhere = await panel.ask('phones/list', {}, { org: 'org_elsewhere', role: 'owner' })
    expect(elsewhere).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } })
    for (const operation of [
      'ledger/read',
      'faults/clear',
      'shown/write',
      'phones/reinstall',
      'x',
      'phones%2flist',
      'phones/list/',
    ]) {
      expect(await panel.ask(operation, {}), operation).toMatchObject({ status: 404 })
    }
    expect(await panel.ask('phones/list', {}, { method: 'GET' })).toMatchObject({ status: 405 })
    expect(await panel.play('phones/list', {})).toHaveProperty('phones')
  })

  it('are told what the network says, its refusals as well, and never its token', async () => {
    const said = await Promise.all([
      panel.ask('phones/meet', { name: 'alice' }),
      panel.ask('phones/say', { name: 'nobody', to: { phone: 'alice' }, text: 'hi' }),
      panel.ask('phones/say', { name: 'alice' }),
      panel.ask('phones/scan', { name: 'alice', qr: 'no code' }),
    ])
    expect(said.map(({ status }) => status)).toEqual([200, 404, 400, 200])
    expect(said[1]?.body).toMatchObject({ error: { code: 'not_found', message: 'no phone is called nobody' } })
    expect(said[3]?.body).toEqual({ linked: false, why: 'unreadable_code' })
    expect(JSON.stringify(said.map(({ headers, body }) => [[...headers], body]))).not.toContain(
      panel.network.state.control_token,
    )
  })

  it('show what they received and what was said on them, as soon as there is something new', async () => {
    for (const name of ['alice', 'bob']) await panel.play('phones/meet', { name })
    const { version } = await panel.play('phones/screen', { name: 'bob' })
    const next = panel.play('phones/screen', { name: 'bob', version, wait_ms: 20_000 })
    const { id } = await panel.play('phones/say', { name: 'alice', to: { phone: 'bob' }, text: 'Lunch?' })
    expect((await next).version).toBeGreaterThan(version)
    await panel.play('phones/react', { name: 'bob', to_message: id, emoji: '👍' })
    const picture = { kind: 'image', mime: 'image/png', data: PIXEL, caption: 'There' } as const
    const sent = await panel.play('phones/send_file', { name: 'alice', to: { phone: 'bob' }, ...picture })

    const [alice, bob] = await Promise.all(
      ['alice', 'bob'].map(async name => (await panel.play('phones/screen', { name })).lines),
    )
    const file = { mime: 'image/png', name: '', caption: 'There' }
    expect(alice).toMatchObject([
      { id, text: 'Lunch?', own: true, tick: 'sent', chat: { with: 'bob' } },
      { kind: 'reaction', own: false, tick: null, reaction: { emoji: '👍', to: id } },
      { id: sent.id, own: true, tick: 'sent', file },
    ])
    expect(bob).toMatchObject([
      { id, text: 'Lunch?', own: false, tick: null, chat: { with: 'alice' } },
      { kind: 'reaction', own: true, tick: 'sent' },
      { id: sent.id, own: false, tick: null, file },
    ])
    for (const name of ['alice', 'bob']) {
      expect((await panel.play('phones/file', { name, message: sent.id })).head).toBe(PIXEL)
    }
  })

  it('lie on a page that only this host may surround, and that loads nothing from elsewhere', async () => {
    for (const [path, type] of [
      ['', 'text/html'],
      ['/page.css', 'text/css'],
    ]) {
      const response = await fetch(`${panel.url}/simulated-phone${path}`)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toContain(type)
      const policy = response.headers.get('content-security-policy') ?? ''
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("frame-ancestors 'self'")
      expect(policy).not.toMatch(/unsafe|\*|https?:/)
    }
    expect((await fetch(`${panel.url}/simulated-phone`, { method: 'POST' })).status).toBe(405)
    expect((await fetch(`${panel.url}/simulated-phone/page.tsx`)).status).toBe(418)
  })
})
