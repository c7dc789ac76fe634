import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it, vi } from 'vitest'

import type { ArtifactRoom } from '../../../plugin/contract/artifact.ts'
import type { MessageContent } from '../../../plugin/contract/content.ts'
import { ChannelError } from '../../../plugin/contract/errors/errors.ts'
import type { Gateway } from '../../../plugin/contract/gateway-protocol.ts'
import type { Artifacts } from '../../../plugin/contract/host.ts'
import { OutboundFiles } from '../../../plugin/media/outbound-files.ts'
import { InboundFiles } from '../../../plugin/media/inbound-files.ts'
import { Spool } from '../../../plugin/media/spool.ts'
import { listMessages, textOfStored } from '../../../plugin/store/messages/messages.ts'
import { TransferProgressFeed } from '../../../plugin/media/transfer-progress.ts'
import { keptLog } from '../../support/host.ts'
import { inboxOf } from '../../support/inbox.ts'
import { PNG } from '../../support/samples.ts'
import { slowDisk, uncaught } from '../../support/slow-disk.ts'
import { ACCOUNT, ALICE, given, linkedStore, ORG, textFrom } from '../../support/store.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const PICTURE: MessageContent = {
  kind: 'media',
  media: { kind: 'image', mime: null, sizeBytes: null, fileName: null, seconds: null, viewOnce: false, album: null },
  caption: 'look',
}
const ARTIFACT = { id: 'art_1', mime: 'image/png', sizeBytes: 3, sha256: 'aa', fileName: null }
const overQuota = (): Error => Object.assign(new Error('full'), { code: 'over_quota' })

/** Alice has sent a picture to an org of a host that has this much room. */
async function pictureFor(room: ArtifactRoom) {
  const opened = await linkedStore()
  const { store } = opened
  const folder = await temporaryFolder()
  const path = join(folder.path, 'file')
  await writeFile(path, 'abc')
  const { inbox, gateway: journal } = await inboxOf(store, {})
  journal.receive(textFrom(ALICE, '', { content: PICTURE, file: 'f' }))
  await inbox.wake(ACCOUNT)
  const asked: string[] = []
  const call = (async (name: string) => {
    asked.push(name)
    if (name === 'media.release') await rm(path)
    return { outcome: 'fetched', path, sizeBytes: 3, sha256: 'aa', mime: 'image/png' }
  }) as unknown as Gateway['call']
  const host = { room, isFull: false, hasIt: false }
  const artifacts: Artifacts = {
    room: () => Promise.resolve(host.room),
    put: async (_, content) => {
      if (host.hasIt) return ARTIFACT
      for await (const _chunk of content);
      if (host.isFull) throw overQuota()
      return ARTIFACT
    },
    find: () => Promise.resolve(null),
    open: () => Promise.resolve(null),
  }
  const kept = keptLog()
  const parts = { store, artifacts, transfers: new TransferProgressFeed(), log: kept.log, random: () => 0 }
  const fetching = new InboundFiles({ ...parts, gateway: { call }, onSettled: () => undefined })
  const message = async () => given((await listMessages(store.connection, ORG, { after: 0, limit: 1 }))[0])
  const dispose = async (): Promise<void> => {
    await fetching.close()
    await inbox.close()
    await folder[Symbol.asyncDispose]()
    await opened[Symbol.asyncDispose]()
  }
  return { fetching, asked, host, message, line: kept.line, [Symbol.asyncDispose]: dispose }
}

it('a file that the host has already is not read, and throws at nobody once the gateway has removed it', async () => {
  await using here = await pictureFor({ usedBytes: 0, mostBytes: 10 })
  here.host.hasIt = true
  using disk = slowDisk()
  using thrown = uncaught()
  here.fetching.wake()
  await here.line('file settled')
  await vi.waitFor(() => expect(here.asked).toContain('media.release'))
  await disk.opens()
  await new Promise(setImmediate)
  expect(thrown.errors).toEqual([])
})

describe('the file of a message to an org that keeps as much as it may', () => {
  it('is not fetched, and says why, and the words are kept', async () => {
    await using here = await pictureFor({ usedBytes: 10, mostBytes: 10 })
    here.fetching.wake()
    await here.line('file settled')
    const message = await here.message()
    expect([textOfStored(message), message.attachment]).toEqual([
      'look',
      { kind: 'image', artifact: null, failure: 'over_quota' },
    ])
    expect(here.asked).toEqual([])
  })

  it('is fetched when somebody wants it and there is room again', async () => {
    await using here = await pictureFor({ usedBytes: 10, mostBytes: 10 })
    here.fetching.wake()
    await here.line('file settled')
    const { id } = await here.message()
    await here.fetching.want(ORG, id)
    expect((await here.message()).attachment?.failure).toBe('over_quota')
    here.host.room = { usedBytes: 5, mostBytes: 10 }
    await here.fetching.want(ORG, id)
    expect((await here.message()).attachment).toMatchObject({ artifact: ARTIFACT, failure: null })
  })

  it('is let go by the gateway when it turns out to be too much, and is not tried again by itself', async () => {
    await using here = await pictureFor({ usedBytes: 9, mostBytes: 10 })
    here.host.isFull = true
    here.fetching.wake()
    await here.line('file settled')
    expect((await here.message()).attachment?.failure).toBe('over_quota')
    await here.fetching.close()
    expect(here.asked).toEqual(['media.fetch', 'media.release'])
  })
})

it('a file that a caller brings along is refused with what to do when there is no room for it', async () => {
  await using folder = await temporaryFolder()
  const spool = new Spool(join(folder.path, 'spool'))
  await spool.open()
  const unused = () => Promise.reject(new Error('it is not asked for'))
  const artifacts = { put: () => Promise.reject(overQuota()), find: unused, open: unused }
  const enclosures = new OutboundFiles({
    artifacts,
    spool,
    remote: {
      read: () => {
        throw new ChannelError('internal')
      },
    },
  })
  const sent = enclosures.of(ORG, { kind: 'image', data: PNG.toString('base64') })
  await expect(sent).rejects.toEqual(new ChannelError('over_quota'))
})
