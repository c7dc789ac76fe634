import { TRPCClientError } from '@trpc/client'
import { describe, expect, it } from 'vitest'

import { authorized } from '../../../plugin/api/auth/authorization.ts'
import { type ProcedurePath, PROCEDURES, ruleOf } from '../../../plugin/api/trpc/procedures.ts'
import type { RequestContext } from '../../../plugin/api/auth/request-context.ts'
import type { AppRouter } from '../../../plugin/api/trpc/router.ts'
import type { Route } from '../../../plugin/api/rest/route.ts'
import { BASE_PATH, ROUTES } from '../../../plugin/api/rest/routes.ts'
import { createWhatsAppClient, type WhatsAppClient } from '../../../client/client.ts'
import { call, createTestHost, ORG_A, ROLES, serveApi, tokenOf, KEY_A } from '../../support/api.ts'
import { createMemoryOperations, PHONE } from '../../support/operations.ts'

const RANK = { viewer: 0, member: 1, admin: 2, owner: 3 } as const
const BODY: Partial<Record<ProcedurePath, unknown>> = {
  'approvals.decide': { approved: true },
  'policies.put': { source: 'package agentcy.x' },
  'policies.test': { input: {} },
  'whatsapp.configure': { fields: {} },
  'whatsapp.code.start': { phone: PHONE },
  'whatsapp.passkey.answer': { session_id: 'unknown', assertion: '{}' },
  'whatsapp.passkey.confirm': { session_id: 'unknown' },
  'whatsapp.send': { to: PHONE, text: 'x' },
  'contacts.check': { numbers: [PHONE] },
  'takeovers.begin': { chat: PHONE },
  'takeovers.end': { chat: PHONE },
  'loops.end': { chat: PHONE },
  'bindings.create': { agent: 'echo', match_rule: {} },
  'bindings.reorder': { order: [] },
  'bindings.explain': { message: { from: PHONE } },
  'bindings.replay': { message_id: 'unknown' },
  'whatsapp.messages.senders': { ids: ['unknown'] },
}
const CASES = ROUTES.flatMap(route => ROLES.map(role => ({ route, role, name: `${route.method} ${route.path}` })))

function requestFor({ method, path, procedure }: Route, url: string) {
  const query = path.endsWith('/qr/status') ? '?session_id=unknown' : ''
  const body = procedure === null || path.includes(':chat') ? undefined : BODY[procedure]
  return {
    url: `${url}${BASE_PATH}${path
      .replace(':name', 'unknown')
      .replace(':chat', PHONE)
      .replace(':id', path.includes('/groups/') ? '120363000000000009@g.us' : 'unknown')}${query}`,
    options: {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    },
  }
}

type Calls = WhatsAppClient['client']
type Sink = { onData(): void; onError(error: unknown): void }
const SUBSCRIPTIONS: Record<string, (client: Calls, sink: Sink) => { unsubscribe(): void }> = {
  'whatsapp.qr.watch': (client, sink) => client.whatsapp.qr.watch.subscribe({ session_id: 'unknown' }, sink),
  'whatsapp.connection.watch': (client, sink) => client.whatsapp.connection.watch.subscribe(undefined, sink),
  'whatsapp.transfers.watch': (client, sink) => client.whatsapp.transfers.watch.subscribe(undefined, sink),
  'problems.watch': (client, sink) => client.problems.watch.subscribe(undefined, sink),
  'turns.watch': (client, sink) => client.turns.watch.subscribe(undefined, sink),
  'whatsapp.sends.watch': (client, sink) => client.whatsapp.sends.watch.subscribe({ lastEventId: '0' }, sink),
  'whatsapp.messages.watch': (client, sink) => client.whatsapp.messages.watch.subscribe({ lastEventId: '0' }, sink),
}

describe('who may call what', () => {
  it('is said by every procedure, each of them behind one route but the subscriptions', () => {
    const routed = ROUTES.filter(({ deprecated }) => !deprecated).flatMap(({ procedure }) => procedure ?? [])
    expect([...routed, ...Object.keys(SUBSCRIPTIONS)].toSorted()).toEqual(Object.keys(PROCEDURES).toSorted())
  })

  it('is nobody where a procedure was made without saying so', async () => {
    const context = { principal: await createTestHost().host.authenticate(tokenOf(ORG_A, 'owner')) } as RequestContext
    const call = { path: 'channels.list', type: 'query', rule: null } as const
    await expect(authorized(context, call)).rejects.toMatchObject({ code: 'forbidden' })
  })

  it.each(CASES)('decides $name for $role', async ({ route, role }) => {
    await using served = await serveApi({ operations: createMemoryOperations() })
    const { url, options } = requestFor(route, served.url)
    const { status, text } = await call(url, { ...options, token: tokenOf(ORG_A, role) })
    const needed = route.procedure === null ? 'viewer' : ruleOf(route.procedure).role
    if (RANK[role] < RANK[needed]) expect([status, JSON.parse(text).error.code]).toEqual([403, 'forbidden'])
    else expect([200, 201, 202, 404, 409]).toContain(status)
  })

  it.each(Object.entries(SUBSCRIPTIONS))('lets a viewer watch %s', async (path, subscribe) => {
    const operations = createMemoryOperations()
    operations.say(ORG_A, 'hello')
    await operations.accounts.configure(KEY_A, { fields: {} })
    await operations.sends.send(KEY_A, { to: PHONE, text: 'hello' }, null)
    await using served = await serveApi({ operations })
    const { client, close } = createWhatsAppClient({ url: served.url, token: tokenOf(ORG_A, 'viewer') })
    const told = await new Promise<unknown>(resolve => {
      subscribe(client, { onData: () => resolve('told'), onError: resolve })
    })
    const code = told instanceof TRPCClientError ? (told as TRPCClientError<AppRouter>).data?.error.code : told
    expect(code).toBe(path === 'whatsapp.qr.watch' ? 'not_found' : 'told')
    await close()
  })
})
