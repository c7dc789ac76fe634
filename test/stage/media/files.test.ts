import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { proto } from '@whiskeysockets/baileys'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { MediaKind } from '../../../plugin/contract/content.ts'
import type { FetchOutcome } from '../../../plugin/contract/media.ts'
import { journalTown, type JournalTown } from '../../support/journal-town.ts'
import { messageIn } from '../../support/journal-entries.ts'
import { given } from '../../support/given.ts'
import { PNG } from '../../support/samples.ts'
import type { FileSent } from '../../../host-stub/whatsapp/client/phone-character.ts'

const bytesOf = (message: proto.IMessage): Uint8Array => proto.Message.encode(message).finish()
const MIB = 2 ** 20

let town: JournalTown
beforeAll(async () => {
  town = await journalTown({ media: true })
})
afterAll(() => town[Symbol.asyncDispose]())

const folderOf = ({ stateFolder, gateway }: JournalTown): string =>
  join(stateFolder, 'media', gateway.account.org, gateway.account.account)

/** Alice sends a file; what the gateway says of it. */
async function sent(file: FileSent) {
  const { id, path, sha256 } = await town.alice.sendsFile(file, { to: town.owner })
  const message = await messageIn(town.gateway, ({ stanzaId }) => stanzaId === id)
  const media = message.content.kind === 'media' ? message.content.media : null
  const wanted = { file: given(message.file), kind: given(media).kind }
  return { id, path, sha256, message, wanted }
}

const fetched = (wanted: { file: string; kind: MediaKind }): Promise<FetchOutcome> =>
  town.gateway.supervisor.call('media.fetch', { ...town.gateway.account, ...wanted })

describe('a file that somebody sends', () => {
  it.each<[MediaKind, string]>([
    ['image', 'image/png'],
    ['sticker', 'image/png'],
    ['video', 'video/mp4'],
    ['gif', 'video/mp4'],
    ['video_note', 'video/mp4'],
    ['audio', 'audio/mpeg'],
    ['voice', 'audio/ogg; codecs=opus'],
    ['document', 'application/pdf'],
  ])('is fetched, verified, and lies where nobody else can read it, until it is released: %s', async (kind, mime) => {
    const { wanted, sha256, message } = await sent({ kind, mime, bytes: PNG })
    expect(message.content).toMatchObject({ kind: 'media', media: { kind, mime, sizeBytes: PNG.length } })
    const outcome = await fetched(wanted)
    if (outcome.outcome !== 'fetched') throw new Error(outcome.code)
    expect(outcome).toMatchObject({ sizeBytes: PNG.length, sha256, mime: 'image/png' })
    expect(readFileSync(outcome.path)).toEqual(PNG)
    expect(statSync(outcome.path).mode & 0o777).toBe(0o600)
    await town.gateway.supervisor.call('media.release', { ...town.gateway.account, file: wanted.file })
    expect(readdirSync(folderOf(town))).toEqual([])
  })

  it('tells how much of it has come', async () => {
    const { wanted, sha256 } = await sent({ kind: 'document', mime: 'a/b', sizeBytes: 5 * MIB, seed: 'progress' })
    const before = town.gateway.events.length
    expect(await fetched(wanted)).toMatchObject({ outcome: 'fetched', sha256, sizeBytes: 5 * MIB })
    const progress = town.gateway.events.slice(before).flatMap(each => (each.event === 'media' ? [each] : []))
    expect(progress.length).toBeGreaterThanOrEqual(4)
    expect(progress).toEqual(progress.map(each => ({ ...each, file: wanted.file, totalBytes: 5 * MIB })))
    await town.gateway.supervisor.call('media.release', { ...town.gateway.account, file: wanted.file })
  })

  it('that is gone is put up again by the phone', async () => {
    const { network } = town
    const { wanted, path, sha256 } = await sent({ kind: 'image', mime: 'image/png', bytes: PNG })
    await network.faults.file(path, 'gone')
    expect(await fetched(wanted)).toMatchObject({ outcome: 'fetched', sha256 })
    expect(await fetched(wanted)).toMatchObject({ outcome: 'fetched', sha256 })
    expect(await network.askedForFile(path)).toBe(1)
  })

  it('that neither the network nor the phone has is gone for good', async () => {
    const { network, owner } = town
    await network.faults.fileAgain(owner, 'not_found')
    const { wanted, path } = await sent({ kind: 'image', mime: 'image/png', bytes: PNG })
    await network.faults.file(path, 'missing')
    expect(await fetched(wanted)).toEqual({ outcome: 'failed', code: 'gone', again: false })
    await network.faults.fileAgain(owner, 'put_again')
  })

  it.each([
    ['flipped', 'wrong_hash', true],
    ['truncated', 'unreachable', true],
    ['error', 'unreachable', true],
    ['compressed', 'wrong_hash', true],
    ['redirect', 'redirected', false],
    ['endless', 'too_large', false],
  ] as const)('that comes %s is not kept: %s', async (fault, code, again) => {
    const { wanted, path, sha256 } = await sent({ kind: 'image', mime: 'image/png', sizeBytes: 200_000, seed: fault })
    await town.network.faults.file(path, fault)
    expect(await fetched(wanted)).toEqual({ outcome: 'failed', code, again })
    expect(readdirSync(folderOf(town))).not.toContain(wanted.file)
    await town.network.faults.file(path, null)
    expect(await fetched(wanted)).toMatchObject({ outcome: 'fetched', sha256 })
  })

  it.each<[string, proto.Message.IImageMessage, string]>([
    ['has another hash', { fileSha256: createHash('sha256').update('x').digest() }, 'wrong_hash'],
    ['is another file', { fileEncSha256: createHash('sha256').update('x').digest() }, 'wrong_hash'],
    ['has another key', { mediaKey: Buffer.alloc(32, 1) }, 'wrong_hash'],
    ['has no key', { mediaKey: Buffer.alloc(3) }, 'incomplete'],
    ['is smaller than it is', { fileLength: 10 }, 'too_large'],
    ['is larger than any may be', { fileLength: 17 * MIB }, 'too_large'],
    ['is nowhere', { directPath: '', url: '' }, 'forbidden_host'],
  ])('of which its sender says that it %s is refused', async (_name, imageMessage, code) => {
    const lies = bytesOf({ imageMessage })
    const { wanted } = await sent({ kind: 'image', mime: 'image/png', sizeBytes: 300_000, seed: 'lies', lies })
    expect(await fetched(wanted)).toMatchObject({ outcome: 'failed', code })
  })

  it('is looked for on WhatsApp’s own hosts, whatever its sender writes', async () => {
    const lies = bytesOf({ imageMessage: { url: 'https://127.0.0.1.evil.example/x', directPath: '/v/other.enc' } })
    const { wanted, path } = await sent({ kind: 'image', mime: 'image/png', bytes: PNG, lies })
    await town.network.faults.fileAgain(town.owner, 'not_found')
    expect(await fetched(wanted)).toEqual({ outcome: 'failed', code: 'gone', again: false })
    await town.network.faults.fileAgain(town.owner, 'put_again')
    expect(await town.network.askedForFile('/v/other.enc')).toBe(1)
    expect(await town.network.askedForFile(path)).toBe(0)
  })
})
