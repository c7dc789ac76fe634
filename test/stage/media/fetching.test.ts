import { describe, expect, it } from 'vitest'

import type { MessageContent } from '../../../plugin/contract/content.ts'
import { ChannelError } from '../../../plugin/contract/errors/errors.ts'
import type { Gateway } from '../../../plugin/contract/gateway-protocol.ts'
import { InboundFiles } from '../../../plugin/media/inbound-files.ts'
import type { Store } from '../../../plugin/store/database.ts'
import { hastenFiles } from '../../../plugin/store/messages/attachments.ts'
import { listMessages } from '../../../plugin/store/messages/messages.ts'
import { TransferProgressFeed } from '../../../plugin/media/transfer-progress.ts'
import { keptLog } from '../../support/host.ts'
import { inboxOf } from '../../support/inbox.ts'
import { ACCOUNT, ALICE, given, linkedStore, ORG, textFrom } from '../../support/store.ts'

const PICTURE: MessageContent = {
  kind: 'media',
  media: { kind: 'image', mime: null, sizeBytes: null, fileName: null, seconds: null, viewOnce: false, album: null },
  caption: 'look',
}

/** What waits until somebody says so. */
function sign() {
  let give = (): void => undefined
  const promise = new Promise<void>(resolve => (give = resolve))
  return { given: promise, give }
}

/** Alice has sent a picture, which a binding takes. */
async function pictureIn(store: Store): Promise<void> {
  const { inbox, gateway } = await inboxOf(store, {})
  gateway.receive(textFrom(ALICE, '', { content: PICTURE, file: 'f' }))
  await inbox.wake(ACCOUNT)
}

/** Fetching from a gateway that dies once so much of a file has come, and `dying` is over. */
function fetchingOf(store: Store, doneBytes: number, dying: Promise<void> = Promise.resolve()) {
  const transfers = new TransferProgressFeed()
  const kept = keptLog()
  const begun = sign()
  let tries = 0
  const call: Gateway['call'] = async () => {
    tries += 1
    if (doneBytes > 0) transfers.moved({ file: 'f', doneBytes, totalBytes: null })
    begun.give()
    await dying
    throw new ChannelError('gateway_unreachable')
  }
  const unused = () => Promise.reject(new Error('nothing comes that could be kept'))
  const artifacts = { put: unused, find: unused, open: unused }
  const parts = { store, transfers, artifacts, log: kept.log, random: () => 0, onSettled: () => undefined }
  const fetching = new InboundFiles({ ...parts, gateway: { call } })
  const again = async (): Promise<void> => {
    await hastenFiles(store.connection, ACCOUNT, Date.now())
    fetching.wake()
  }
  return {
    fetching,
    again,
    begun: begun.given,
    tries: () => tries,
    ...kept,
    [Symbol.asyncDispose]: () => fetching.close(),
  }
}

const problemIn = async (store: Store) =>
  given(given((await listMessages(store.connection, ORG, { after: 0, limit: 1 }))[0]).attachment).failure

describe('a file that comes from a gateway that dies', () => {
  it('in the middle of it five times is given up, so that it does not do so for ever', async () => {
    await using opened = await linkedStore()
    await pictureIn(opened.store)
    await using made = fetchingOf(opened.store, 1)
    for (let time = 1; time <= 5; time += 1) {
      await made.again()
      await made.line('file not fetched', time)
    }
    await made.line('file settled')
    expect([made.tries(), await problemIn(opened.store)]).toEqual([5, 'unreachable'])
  })

  it('before any of it has come waits for another one', async () => {
    await using opened = await linkedStore()
    await pictureIn(opened.store)
    await using made = fetchingOf(opened.store, 0)
    for (let time = 1; time <= 6; time += 1) {
      await made.again()
      await made.line('file not fetched', time)
    }
    expect(await problemIn(opened.store)).toBeNull()
  })

  it('because we stop it has not failed, however often we do', async () => {
    await using opened = await linkedStore()
    await pictureIn(opened.store)
    for (let time = 1; time <= 6; time += 1) {
      const dying = sign()
      await using made = fetchingOf(opened.store, 1, dying.given)
      await made.again()
      await made.begun
      made.fetching.stop()
      dying.give()
      await made.fetching.close()
      expect(await problemIn(opened.store)).toBeNull()
    }
  })
})

it('a file that the host cannot store is waited for, and the log does not say that it was not fetched', async () => {
  await using opened = await linkedStore()
  await pictureIn(opened.store)
  const { log, line, lines } = keptLog()
  const file = { outcome: 'fetched', path: '/nowhere', sizeBytes: 1, sha256: '0'.repeat(64), mime: 'image/png' }
  const full = () => Promise.reject(new Error('the disk of the host is full'))
  await using made = {
    fetching: new InboundFiles({
      store: opened.store,
      gateway: { call: () => Promise.resolve(file as never) },
      transfers: new TransferProgressFeed(),
      artifacts: { put: full, find: full, open: full },
      log,
      random: () => 0,
      onSettled: () => undefined,
    }),
    [Symbol.asyncDispose]: () => made.fetching.close(),
  }
  made.fetching.wake()
  await line('file not stored at the host')
  expect(lines.map(({ event }) => event)).not.toContain('file not fetched')
  expect(await problemIn(opened.store)).toBeNull()
})
