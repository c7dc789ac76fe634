import { downloadMediaMessage, normalizeMessageContent, proto, type WAMessage } from '@whiskeysockets/baileys'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { sendAlbum } from '../../host-stub/whatsapp/client/album-sending.ts'
import type { FileSent } from '../../host-stub/whatsapp/client/phone-character.ts'
import { linkedClient, type BareClient } from '../support/network-client.ts'
import { startNetwork, type GroupCharacter, type PhoneCharacter, type RunningNetwork } from '../support/network.ts'
import { MP4, PNG } from '../support/samples.ts'

// As in network-media.test.ts.
process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'

const { MEDIA_ALBUM } = proto.MessageAssociation.AssociationType
const PICTURE: FileSent = { kind: 'image', mime: 'image/png', bytes: PNG }
const CLIP: FileSent = { kind: 'video', mime: 'video/mp4', bytes: MP4 }

let network: RunningNetwork
let owner: PhoneCharacter
let alice: PhoneCharacter
let bob: PhoneCharacter
let team: GroupCharacter
let client: BareClient

beforeAll(async () => {
  network = await startNetwork({ media: true })
  owner = await network.phone('owner')
  alice = await network.phone('alice')
  bob = await network.phone('bob')
  team = await network.group('Team', [owner, alice, bob])
  client = await linkedClient(network, owner)
})
afterAll(async () => {
  await client[Symbol.asyncDispose]()
  await network[Symbol.asyncDispose]()
})

const arrival = (id: string): Promise<WAMessage> => client.receives(({ key }) => key.id === id)
const placeOf = (id: string): number => client.received.findIndex(({ key }) => key.id === id)
const parentOf = ({ message }: WAMessage) => message?.messageContextInfo?.messageAssociation
const captionOf = ({ message }: WAMessage) => normalizeMessageContent(message)?.imageMessage?.caption ?? null

describe('an album that a phone sends', () => {
  it.each(['direct', 'group'] as const)(
    'is announced first, and each of its pieces names that by the key, in a %s chat',
    async place => {
      const to = place === 'direct' ? owner : team
      const sent = await sendAlbum(alice, [PICTURE, { ...PICTURE, caption: 'the second' }, CLIP], { to })
      const { id } = sent
      const announced = await arrival(id)
      expect(announced.message?.albumMessage).toMatchObject({ expectedImageCount: 2, expectedVideoCount: 1 })
      const pieces = await Promise.all(sent.pieces.map(piece => arrival(piece.id)))
      expect([announced, ...pieces].map(({ key }) => placeOf(key.id ?? ''))).toEqual(
        [0, 1, 2, 3].map(after => placeOf(id) + after),
      )
      const parent =
        place === 'direct'
          ? { remoteJid: `${owner.lid}@lid`, fromMe: true, id }
          : { remoteJid: team.id, fromMe: true, id, participant: `${alice.lid}@lid` }
      for (const piece of pieces) {
        expect(parentOf(piece)).toMatchObject({ associationType: MEDIA_ALBUM, parentMessageKey: parent })
        expect(piece.message).toHaveProperty('associatedChildMessage')
      }
      expect(pieces.map(captionOf)).toEqual([null, 'the second', null])
      const files = await Promise.all(pieces.map(piece => downloadMediaMessage(piece, 'buffer', {})))
      expect(files).toEqual([PNG, PNG, MP4])
    },
  )

  it('may announce more than comes, be announced behind its pieces, and have pieces without a wrapper', async () => {
    let pauses = 0
    const sent = await sendAlbum(alice, [PICTURE, CLIP], {
      to: owner,
      announced: { images: 5 },
      announcement: 'last',
      pieceForm: 'bare',
      between: async () => void (pauses += 1),
    })
    const announced = await arrival(sent.id)
    expect(announced.message?.albumMessage).toMatchObject({ expectedImageCount: 5, expectedVideoCount: 0 })
    const [picture, clip] = await Promise.all(sent.pieces.map(piece => arrival(piece.id)))
    expect(placeOf(sent.id)).toBe(Math.max(...sent.pieces.map(({ id }) => placeOf(id))) + 1)
    expect(picture?.message).toHaveProperty('imageMessage')
    expect(clip?.message).toHaveProperty('videoMessage')
    for (const piece of [picture, clip]) expect(piece && parentOf(piece)?.parentMessageKey?.id).toBe(sent.id)
    expect(pauses).toBe(2)
  })

  it('is told apart on the phones of the chat, which open its pieces, and reaches the author’s own devices', async () => {
    const sent = await sendAlbum(owner, [{ ...PICTURE, caption: 'ours' }, PICTURE], { to: team })
    const [first = { id: '' }] = sent.pieces
    expect(await bob.hears(({ id }) => id === sent.id)).toMatchObject({ album: { images: 2, videos: 0 } })
    expect(await bob.hears(({ id }) => id === first.id)).toMatchObject({
      pieceOf: sent.id,
      file: { mime: 'image/png', caption: 'ours' },
    })
    expect((await bob.opensFile(first.id)).head).toEqual(PNG)
    const own = await arrival(first.id)
    expect([own.key.fromMe, captionOf(own)]).toEqual([true, 'ours'])
  })
})
