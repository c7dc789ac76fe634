import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import type { WireMessage } from '../../plugin/contract/api/messages.ts'
import { followMessages } from '../support/events.ts'
import { given } from '../support/given.ts'
import { PNG } from '../support/samples.ts'
import { shared } from '../support/shared.ts'
import { startLinkedStory, type Story } from '../support/story.ts'

const get = ({ host }: Story, path: string, { token = host.token, range = '' } = {}): Promise<Response> =>
  fetch(`${host.url}${path}`, { headers: { authorization: `Bearer ${token}`, ...(range && { range }) } })

const artifactPath = ({ media }: WireMessage): string => `/api/v1/artifacts/${given(media[0]).artifact_id}`

const withText =
  (text: string) =>
  (message: WireMessage): boolean =>
    message.text === text && message.direction === 'inbound'

/** The message of that text as it is listed by now. */
async function listed({ client }: Story, text: string): Promise<WireMessage> {
  const { messages } = await client.whatsapp.messages.list.query({ limit: 50 })
  return given(messages.find(withText(text)))
}

describe('a file that somebody sends', () => {
  const answering = shared(async () => {
    const story = await startLinkedStory({ network: { media: true } })
    await story.client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
    return story
  })

  /** The host may have been ended and started again meanwhile. */
  function now() {
    const story = answering()
    return { ...story, client: story.clientOf(story.host.token) }
  }

  it('is an artifact when its agent answers, for its org alone, and nothing of it is left elsewhere', async () => {
    const story = now()
    const { network, host, owner } = story
    const alice = await network.phone('alice')
    await alice.sendsFile({ kind: 'image', mime: 'image/png', bytes: PNG, caption: 'look' }, { to: owner })
    await alice.hears('look', { from: owner })

    const message = await listed(story, 'look')
    expect(message).toMatchObject({
      kind: 'media',
      media: [{ kind: 'image', mime: 'image/png', size: PNG.length, file_name: null, problem: null }],
    })
    const answer = await get(story, artifactPath(message))
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(PNG)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-disposition': 'inline',
      'x-content-type-options': 'nosniff',
      'content-length': String(PNG.length),
    })
    expect((await get(story, artifactPath(message), { token: await host.mintToken('org_b', 'owner') })).status).toBe(
      404,
    )
    expect(
      (await get(story, artifactPath(message), { token: await host.mintToken('org_local', 'viewer') })).status,
    ).toBe(403)
    expect((await get(story, artifactPath(message), { token: 'nobody' })).status).toBe(401)
    expect(readdirSync(join(host.home, 'openfang', 'whatsapp-gateway', 'media', 'org_local', 'default'))).toEqual([])
  })

  it('is served in ranges, and as a download when a browser might run it', async () => {
    const story = now()
    const { network, owner } = story
    const alice = await network.phone('alice')
    const page = Buffer.from('<html><script>alert(1)</script></html>')
    const file = {
      kind: 'document',
      mime: 'image/png',
      bytes: page,
      caption: 'page',
      fileName: '../../"a";b.html',
    } as const
    await alice.sendsFile(file, { to: owner })
    await alice.hears('page', { from: owner })
    const message = await listed(story, 'page')
    const whole = await get(story, artifactPath(message))
    expect(whole.headers.get('content-type')).toBe('application/octet-stream')
    expect(whole.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''_a_%3Bb.html")
    const part = await get(story, artifactPath(message), { range: 'bytes=1-4' })
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([
      206,
      'html',
      `bytes 1-4/${page.length}`,
    ])
    expect((await get(story, artifactPath(message), { range: `bytes=${page.length}-` })).status).toBe(416)
  })

  it('that cannot be fetched keeps nobody from an answer, and its message says so', async () => {
    const story = now()
    const { network, owner } = story
    const alice = await network.phone('alice')
    const lies = {
      kind: 'image',
      mime: 'image/png',
      sizeBytes: 17 * 2 ** 20,
      seed: 'large',
      caption: 'too much',
    } as const
    await alice.sendsFile(lies, { to: owner })
    await alice.hears('too much', { from: owner })
    expect((await listed(story, 'too much')).media).toMatchObject([{ artifact_id: null, problem: 'too_large' }])
  })

  it('survives a host that is killed while it comes', async () => {
    const story = now()
    const { network, host, client, owner } = story
    const alice = await network.phone('alice')
    const file = { kind: 'document', mime: 'a/b', sizeBytes: 30 * 2 ** 20, seed: 'killed', caption: 'large' } as const
    const { sha256 } = await alice.sendsFile(file, { to: owner })
    using messages = followMessages(client)
    await messages.until(({ data }) => withText('large')(data))
    await host.kill('SIGKILL')
    await host.restart()
    await alice.hears('large', { from: owner, withinMs: 30_000 })
    const message = await listed(now(), 'large')
    expect(message.media).toMatchObject([{ sha256, size: 30 * 2 ** 20, problem: null }])
    const answer = await get(story, artifactPath(message))
    expect(
      createHash('sha256')
        .update(Buffer.from(await answer.arrayBuffer()))
        .digest('hex'),
    ).toBe(sha256)
    const folders = [join(host.home, 'agentcy', 'artifacts', 'org_local', 'drafts')]
    for (const folder of folders) expect(readdirSync(folder)).toEqual([])
  })
})
