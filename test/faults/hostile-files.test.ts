import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { WireMessage } from '../../plugin/contract/api/messages.ts'
import { hugePicture, packedDocument } from '../support/hostile-files.ts'
import { watchMemory } from '../support/memory.ts'
import type { PhoneCharacter } from '../support/network.ts'
import { PNG } from '../support/samples.ts'
import { given } from '../support/given.ts'
import { startLinkedStory, type Story } from '../support/story.ts'

const MIB = 2 ** 20
const OPAQUE = 'application/octet-stream'
const PAGE = '<html><script>alert(1)</script></html>'

let story: Story & { owner: PhoneCharacter }
let alice: PhoneCharacter
beforeAll(async () => {
  story = await startLinkedStory({ network: { media: true } })
  alice = await story.network.phone('alice')
  await story.client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
})
afterAll(() => story[Symbol.asyncDispose]())

type Sent = { kind: 'image' | 'document'; mime: string; bytes: Buffer; fileName?: string }

/** Alice sends a file, and is answered; its message here, and how the file is served. */
async function received(
  file: Sent,
  caption: string,
): Promise<{ message: WireMessage; served: Response; bytes: Buffer }> {
  await alice.sendsFile({ ...file, caption }, { to: story.owner })
  await alice.hears(caption, { from: story.owner })
  const { messages } = await story.client.whatsapp.messages.list.query({ limit: 5 })
  const message = given(messages.find(({ text, direction }) => text === caption && direction === 'inbound'))
  const { url, token } = story.host
  const artifact = given(given(message.media[0]).artifact_id)
  const served = await fetch(`${url}/api/v1/artifacts/${artifact}`, { headers: { authorization: `Bearer ${token}` } })
  return { message, served, bytes: Buffer.from(await served.arrayBuffer()) }
}

describe('F56: a file that means harm', () => {
  it.each<[string, Sent, string | null, string]>([
    [
      'a picture of 50,000 × 50,000',
      { kind: 'image', mime: 'image/png', bytes: hugePicture(50_000) },
      'image/png',
      'inline',
    ],
    [
      'a page that says it is a picture',
      { kind: 'image', mime: 'image/png', bytes: Buffer.from(PAGE) },
      null,
      'attachment',
    ],
    [
      'a drawing that runs',
      { kind: 'image', mime: 'image/svg+xml', bytes: Buffer.from(`<svg>${PAGE}</svg>`) },
      null,
      'attachment',
    ],
    [
      'a picture that is a page as well',
      { kind: 'image', mime: 'text/html', bytes: Buffer.concat([PNG, Buffer.from(PAGE)]) },
      'image/png',
      'inline',
    ],
    [
      'a page that says it is a document of its own kind',
      { kind: 'document', mime: 'text/html', bytes: Buffer.from(PAGE) },
      null,
      'attachment',
    ],
  ])('is kept as it is, unopened, and served as what its bytes are: %s', async (...told) => {
    const [name, file, mime, disposition] = told
    using memory = await watchMemory(story.host.pid)
    const { message, served, bytes } = await received(file, name)
    expect(bytes).toEqual(file.bytes)
    expect(message.media).toMatchObject([{ mime, problem: null }])
    expect(served.headers.get('content-type')).toBe(mime ?? OPAQUE)
    expect(served.headers.get('content-disposition')?.startsWith(disposition)).toBe(true)
    expect(served.headers.get('x-content-type-options')).toBe('nosniff')
    expect(served.headers.get('content-security-policy')).toContain('sandbox')
    expect(memory.growth()).toBeLessThan(200 * MIB)
  })

  it('is not unpacked: a document of kilobytes that holds hundreds of megabytes', async () => {
    const bomb = packedDocument(300)
    expect(bomb.length).toBeLessThan(2 * MIB)
    using memory = await watchMemory(story.host.pid)
    const { bytes } = await received({ kind: 'document', mime: 'application/vnd.openxmlformats', bytes: bomb }, 'bomb')
    expect(bytes).toEqual(bomb)
    expect(memory.growth()).toBeLessThan(200 * MIB)
  })

  it('has no say in where it lies', async () => {
    const { message } = await received(
      { kind: 'document', mime: 'a/b', bytes: PNG, fileName: '../../../x\u202Egpj.exe' },
      'named',
    )
    expect(message.media).toMatchObject([{ file_name: 'xgpj.exe' }])
  })
})
