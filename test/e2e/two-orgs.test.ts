import { describe, expect, it } from 'vitest'

import { followPairing } from '../support/events.ts'
import { given } from '../support/given.ts'
import { shared } from '../support/shared.ts'
import { startLinkedStory, type LinkedStory } from '../support/story.ts'

/** The ids of one org that another might get hold of, and one of each kind that does not exist. */
async function idsOf({ client, network, host, owner }: LinkedStory) {
  const alice = await network.phone('alice')
  const binding = await client.bindings.create.mutate({ agent: 'echo', match_rule: { from: alice.phone } })
  await alice.says('hello', { to: owner })
  await alice.hears('hello', { from: owner })
  const send = await client.whatsapp.send.mutate({ to: alice.phone, text: 'a send of org A' })
  const media = { kind: 'document', data: 'YQ==' } as const
  const { message_id } = await client.whatsapp.send.mutate({ to: alice.phone, media })
  const { messages } = await client.whatsapp.messages.list.query({ limit: 5 })
  const [file] = given(messages.find(({ id }) => id === message_id)).media
  await client.whatsapp.unpair.mutate()
  await client.whatsapp.configure.mutate({ fields: {} })
  const { session_id } = await client.whatsapp.qr.start.mutate()
  const artifact = given(file?.artifact_id)
  const made = { artifact, binding: binding.id, send: send.id, message: send.message_id, session: session_id }
  const stranger = await host.mintToken('org_b', 'owner')
  return { made, stranger, alice }
}

/** As long and as made up as the real one. */
const unknown = (id: string): string =>
  `${id.slice(0, id.indexOf('_') + 1)}${'0'.repeat(id.length - id.indexOf('_') - 1)}`

describe('F49: a token of org B', () => {
  const orgs = shared(async () => {
    const story = await startLinkedStory()
    return { ...story, ...(await idsOf(story)) }
  })

  it('learns of no id of org A whether it exists, on REST, tRPC and WebSocket', async () => {
    const { host, made, stranger } = orgs()
    const input = (value: unknown): string => encodeURIComponent(JSON.stringify({ json: value }))
    const calls: {
      name: string
      id: string
      method: string
      path: (id: string) => string
      body?: (id: string) => unknown
    }[] = [
      { name: 'binding', id: made.binding, method: 'DELETE', path: id => `/api/v1/bindings/${id}` },
      { name: 'send', id: made.send, method: 'GET', path: id => `/api/v1/channels/whatsapp/sends/${id}` },
      { name: 'artifact', id: made.artifact, method: 'GET', path: id => `/api/v1/artifacts/${id}` },
      {
        name: 'artifact',
        id: made.artifact,
        method: 'POST',
        path: () => '/api/v1/channels/whatsapp/send',
        body: id => ({ to: '+972500000009', media: { kind: 'document', artifact_id: id } }),
      },
      {
        name: 'session',
        id: made.session,
        method: 'GET',
        path: id => `/api/v1/channels/whatsapp/qr/status?session_id=${id}`,
      },
      { name: 'page', id: made.message, method: 'GET', path: id => `/api/v1/channels/whatsapp/messages?before=${id}` },
      {
        name: 'binding',
        id: made.binding,
        method: 'POST',
        path: () => '/trpc/bindings.delete',
        body: id => ({ json: { id } }),
      },
      { name: 'send', id: made.send, method: 'GET', path: id => `/trpc/whatsapp.sends.get?input=${input({ id })}` },
      {
        name: 'session',
        id: made.session,
        method: 'GET',
        path: id => `/trpc/whatsapp.qr.status?input=${input({ session_id: id })}`,
      },
      {
        name: 'page',
        id: made.message,
        method: 'GET',
        path: id => `/trpc/whatsapp.messages.list?input=${input({ before: id })}`,
      },
    ]
    const headers = { authorization: `Bearer ${stranger}`, 'x-request-id': 'req_same' }
    for (const { name, id, method, path, body } of calls) {
      const answers = [id, unknown(id)].map(asked =>
        host.request(method, path(asked), { headers, ...(body && { body: body(asked) }) }),
      )
      const [real, made_up] = await Promise.all(answers)
      const shape = (answer: typeof real) => {
        const fields = [...(answer?.headers ?? [])].filter(([field]) => field !== 'date')
        return { status: answer?.status, headers: fields, body: answer?.body }
      }
      expect(shape(real), `${method} ${name}`).toEqual(shape(made_up))
      expect(real?.status, `${method} ${name}`).toBe(404)
      expect(real?.headers.get('x-request-id')).toBe('req_same')
      expect(JSON.stringify(real?.body)).not.toContain(id)
    }
  })

  it('cannot watch a pairing of org A', async () => {
    const { clientOf, made, stranger } = orgs()
    const refusalOf = async (session: string): Promise<unknown> => {
      using states = followPairing(clientOf(stranger), session)
      const failure: unknown = await states.until(() => true).catch((error: unknown) => error)
      const { message, data } = failure as { message: string; data: { error: { code: string } } }
      return { message, code: data.error.code }
    }
    expect(await refusalOf(made.session)).toEqual(await refusalOf(unknown(made.session)))
    expect(await refusalOf(made.session)).toMatchObject({ code: 'not_found' })
  })

  it('sees none of its messages and bindings, and cannot react to them', async () => {
    const { host, made, stranger, alice } = orgs()
    const headers = { authorization: `Bearer ${stranger}` }
    expect(await host.request('GET', '/api/v1/bindings', { headers })).toMatchObject({ body: { bindings: [] } })
    expect(await host.request('GET', '/api/v1/channels/whatsapp/messages', { headers })).toMatchObject({
      body: { messages: [] },
    })
    const body = { to: alice.phone, reaction: { message_id: made.message, emoji: '👍' } }
    const reaction = await host.request('POST', '/api/v1/channels/whatsapp/send', { headers, body })
    expect(reaction.status).toBe(409)
  })
})
