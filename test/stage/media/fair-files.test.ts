import { createHash } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { join } from 'node:path'
import { Readable } from 'node:stream'

import { describe, expect, it } from 'vitest'

import type { MessageContent } from '../../../plugin/contract/content.ts'
import type { Gateway } from '../../../plugin/contract/gateway-protocol.ts'
import type { Artifacts } from '../../../plugin/contract/host.ts'
import { DEFAULT_ACCOUNT, parseOrgId, type AccountKey } from '../../../plugin/contract/ids.ts'
import { InboundFiles } from '../../../plugin/media/inbound-files.ts'
import { SendRenderer } from '../../../plugin/media/render.ts'
import { Spool } from '../../../plugin/media/spool.ts'
import { postponeFile } from '../../../plugin/store/messages/attachments.ts'
import type { Store } from '../../../plugin/store/database.ts'
import type { StoredSend } from '../../../plugin/store/sends/sends.ts'
import { listMessages } from '../../../plugin/store/messages/messages.ts'
import { TransferProgressFeed } from '../../../plugin/media/transfer-progress.ts'
import { keptLog } from '../../support/host.ts'
import { direct, emptyStore, given } from '../../support/store.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { contact, manyWrite, tenant, type Tenant } from '../../support/tenants.ts'

const PICTURE: MessageContent = {
  kind: 'media',
  media: { kind: 'image', mime: null, sizeBytes: null, fileName: null, seconds: null, viewOnce: false, album: null },
  caption: '',
}

/** Each of `count` people sends `each` pictures. */
async function pictures(store: Store, key: Tenant, { count, each = 1, from = 0 }: Sent): Promise<void> {
  for (let n = 0; n < each; n += 1) {
    await manyWrite(store, key, { count, from, text: '', more: { content: PICTURE, file: `${from}.${n}` } })
  }
}

type Sent = { readonly count: number; readonly each?: number; readonly from?: number }

/** Fetching from a gateway that brings no file to an end, and for whom it was asked. */
async function fetching(store: Store) {
  const asked: string[] = []
  const files: string[] = []
  const asks = new EventEmitter()
  const stopped = new AbortController()
  const call: Gateway['call'] = async (_, { org, account, file }: AccountKey & { file: string }) => {
    asked.push(`${org}/${account}`)
    files.push(file)
    asks.emit('asked')
    await once(stopped.signal, 'abort')
    throw new Error('the gateway has ended')
  }
  const unused = () => Promise.reject(new Error('nothing comes that could be kept'))
  const artifacts = { put: unused, find: unused, open: unused }
  const { log } = keptLog()
  const parts = {
    store,
    transfers: new TransferProgressFeed(),
    artifacts,
    log,
    random: () => 0,
    onSettled: () => undefined,
  }
  const made = new InboundFiles({ ...parts, gateway: { call } })
  made.wake()
  /** Once it was asked so often. */
  const askedFor = async (times: number): Promise<string[]> => {
    while (asked.length < times) await once(asks, 'asked', { signal: AbortSignal.timeout(10_000) })
    return asked
  }
  const dispose = async (): Promise<void> => {
    made.stop()
    stopped.abort()
    await made.close()
  }
  return { fetching: made, askedFor, files, [Symbol.asyncDispose]: dispose }
}

describe('the files of an org', () => {
  it('are fetched at once, however many of other orgs never come', async () => {
    await using opened = await emptyStore()
    const { store } = opened
    for (let n = 1; n <= 3; n += 1) await pictures(store, await tenant(store, `org_${n}`, n), { count: 9 })
    await using made = await fetching(store)
    await made.askedFor(4)
    await pictures(store, await tenant(store, 'org_a', 10), { count: 1 })
    made.fetching.wake()
    const asked = await made.askedFor(9)
    expect(asked).toContain('org_a/phone10')
  })

  it('are four at a time when no other waits, whatever else is due', async () => {
    await using opened = await emptyStore()
    const { store } = opened
    await pictures(store, await tenant(store, 'org_b', 1), { count: 100 })
    await using made = await fetching(store)
    await made.askedFor(4)
    await pictures(store, await tenant(store, 'org_a', 2), { count: 1 })
    made.fetching.wake()
    expect(await made.askedFor(5)).toEqual([...Array<string>(4).fill('org_b/phone1'), 'org_a/phone2'])
  })

  it('of one of its accounts are fetched at once, though those of another never come', async () => {
    await using opened = await emptyStore()
    const { store } = opened
    await pictures(store, await tenant(store, 'org_a', 1), { count: 100 })
    await using made = await fetching(store)
    await made.askedFor(4)
    await pictures(store, await tenant(store, 'org_a', 2), { count: 1 })
    made.fetching.wake()
    expect((await made.askedFor(5)).at(-1)).toBe('org_a/phone2')
  })

  it('of one of its people are fetched at once, though those of another never come', async () => {
    await using opened = await emptyStore()
    const { store } = opened
    const a = await tenant(store, 'org_a', 1)
    await pictures(store, a, { count: 1, each: 20 })
    await using made = await fetching(store)
    await made.askedFor(2)
    await pictures(store, a, { count: 2, from: 1 })
    made.fetching.wake()
    await made.askedFor(4)
    expect(made.files.toSorted()).toEqual(['0.0', '0.1', '1.0', '1.0'])
  })

  it('that wait for an instant are fetched then, though one that was begun before never comes', async () => {
    await using opened = await emptyStore()
    const { store } = opened
    const a = await tenant(store, 'org_a', 1)
    await pictures(store, a, { count: 2 })
    const [, second] = await listMessages(store.connection, a.org, { after: 0, limit: 2 })
    await postponeFile(store.connection, given(second).id, { nextAt: Date.now() + 300, attempts: 1 })
    await using made = await fetching(store)
    expect(await made.askedFor(2)).toHaveLength(2)
  })
})

describe('the files that an org sends', () => {
  it('are rendered at once, however many of other orgs the host never opens', async () => {
    await using folder = await temporaryFolder()
    const spool = new Spool(join(folder.path, 'spool'))
    await spool.open()
    const opens: string[] = []
    const open: Artifacts['open'] = (org, artifact) => {
      opens.push(artifact)
      return org === 'org_a' ? Promise.resolve(Readable.from([BYTES])) : new Promise(() => undefined)
    }
    const unused = () => Promise.reject(new Error('nothing is kept'))
    const artifacts = { open, put: unused, find: unused }
    const rendered = { bytes: new Uint8Array([1]), remark: null }
    const gateway = { call: () => Promise.resolve(rendered) } as unknown as Gateway
    const rendering = new SendRenderer({ artifacts, spool, gateway, transfers: new TransferProgressFeed() })
    for (const org of ['org_b', 'org_c']) for (let n = 0; n < 9; n += 1) void rendering.of(fileOf(org, n))
    expect(await rendering.of(fileOf('org_a', 0))).toBe(rendered)
    expect(opens.toSorted()).toEqual(['org_a 0', 'org_b 0', 'org_b 1', 'org_b 2', 'org_b 3', 'org_c 0', 'org_c 1'])
  })
})

const BYTES = Buffer.from('%PDF-')

/** The n-th file that an org sends. */
function fileOf(org: string, n: number): Parameters<SendRenderer['of']>[0] {
  const sha256 = createHash('sha256').update(BYTES).digest('hex')
  const facts = { mime: 'application/pdf', fileName: null, sizeBytes: BYTES.length, sha256 }
  return {
    org: given(parseOrgId(org)),
    account: DEFAULT_ACCOUNT,
    chat: direct(contact(n)),
    chatKey: `per_${n}`,
    id: `snd_${n}`,
    messageId: `msg_${n}`,
    content: {
      kind: 'media',
      file: { ...facts, kind: 'document', artifact: `${org} ${n}` },
      caption: '',
      quote: null,
      mentions: [],
    } as unknown as StoredSend['content'],
  }
}
