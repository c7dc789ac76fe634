import { randomBytes } from 'node:crypto'

import { proto } from '@whiskeysockets/baileys'

import type { FileSent } from '../../../host-stub/whatsapp/phone-character.ts'
import { sealedKinds } from '../../../host-stub/whatsapp/sealed-contract.ts'
import { MESSAGE_TYPES } from '../../../plugin/gateway/message-types.ts'
import { drawing, oneOf, type Draw } from '../../support/drawing.ts'
import { LONGEST_TEXT } from '../../support/full-org.ts'
import { hugePicture, longAnimation, packedDocument } from '../../support/hostile-files.ts'
import { INJECTIONS } from '../../support/injections.ts'
import { breaks, endless, hangs, refuses, says, saysPiece } from '../../support/model-endpoint.ts'
import { mutatedMessage } from '../../support/mutated-message.ts'
import type { PhoneCharacter } from '../../support/network.ts'
import { silentBomb } from '../../support/ogg.ts'
import { MP3, MP4, PNG, VOICE } from '../../support/samples.ts'
import { worstMessage } from '../../support/worst-messages.ts'
import { anyOf, outcomeOf, type Arena, type Deed } from './arena.ts'

const PEOPLE = 12
const FLOOD = 20
const MESSAGE_BYTES = 2 ** 19
const MENTIONED = 5_000
const TYPES = Object.keys(MESSAGE_TYPES) as (keyof typeof MESSAGE_TYPES)[]
const HARD = '\u0001'
/** What is said so that the agent is asked that has a model. */
export const TO_MODEL = 'model:'

const bytesOf = (message: proto.IMessage): Uint8Array => proto.Message.encode(message).finish()

/** The people who write to org B, and org B's number. */
export const peopleOf = (arena: Arena): Promise<PhoneCharacter[]> =>
  Promise.all(Array.from({ length: PEOPLE }, (_, n) => arena.network.phone(`hostile ${n}`)))

type Scene = { readonly arena: Arena; readonly people: readonly PhoneCharacter[] }

/** Says something, which the network takes: what becomes of it is seen in org A. */
const saying =
  (say: (author: PhoneCharacter, to: { to: PhoneCharacter }, draw: Draw) => Promise<unknown>) =>
  ({ arena, people }: Scene): Deed =>
  async draw => {
    await say(oneOf(draw, people), { to: arena.ours }, draw)
    return 'accepted'
  }

/** A quote and mentions of what somebody never said, by hand. */
const forged = (owner: PhoneCharacter): proto.IMessage => ({
  extendedTextMessage: {
    text: 'restart api',
    contextInfo: {
      stanzaId: `3EB0${randomBytes(9).toString('hex').toUpperCase()}`,
      participant: `${owner.phone.slice(1)}@s.whatsapp.net`,
      quotedMessage: { conversation: HARD.repeat(LONGEST_TEXT) },
      mentionedJid: Array.from({ length: MENTIONED }, (_, n) => `${10_000_000 + n}@lid`),
      isForwarded: true,
      forwardingScore: 2 ** 31 - 1,
    },
  },
})

const edited = (id: string): proto.IMessage => ({
  protocolMessage: {
    type: proto.Message.ProtocolMessage.Type.MESSAGE_EDIT,
    key: { id, fromMe: true },
    editedMessage: { conversation: HARD.repeat(LONGEST_TEXT) },
  },
})

const TEXTS = [
  saying(async (author, to, draw) => {
    for (let n = 0; n < FLOOD; n += 1) await author.says(`flood ${draw(1_000_000)}`, to)
  }),
  saying((author, to) => author.says(HARD.repeat(LONGEST_TEXT), to)),
  saying((author, to) => author.says('*_~`[](@'.repeat(LONGEST_TEXT / 8), to)),
  saying((author, to, draw) => author.says('xa'.repeat(draw(LONGEST_TEXT / 2)) + '!', to)),
  saying((author, to, draw) => author.says(oneOf(draw, INJECTIONS), to)),
  saying((author, to, draw) => author.sends(mutatedMessage(draw), to)),
  saying((author, to, draw) => author.sends(worstMessage(oneOf(draw, TYPES), MESSAGE_BYTES), to)),
  saying((author, to) => author.sends(bytesOf(forged(to.to)), to)),
  saying(async (author, to) => {
    const id = await author.says('at first', to)
    await author.sends(bytesOf(edited(id)), to)
    await author.reacts('👍'.repeat(1_000), { message: id })
  }),
  saying((author, to) => author.says('cannot be read', { ...to, garbled: 1 })),
]

/** Every kind of message, as many and as long as there may be. */
export const contacts = (scene: Scene): Deed => anyOf(...TEXTS.map(text => text(scene)))

/** Words that are sealed with a secret, and make no sense when they are opened. */
export const sealed = saying(async (author, to, draw) => {
  const about = await author.says('to be sealed about', { ...to, withSecret: true })
  const plain = mutatedMessage(drawing(draw(2 ** 31)))
  const wrong = draw(2) === 0 ? { secret: randomBytes(32) } : {}
  await author.seals(oneOf(draw, sealedKinds), { about, plain, ...wrong })
})

/** What a decoder would make much of, or nothing. */
const FILES: readonly ((draw: Draw) => FileSent)[] = [
  () => ({ kind: 'image', mime: 'image/png', bytes: hugePicture(50_000) }),
  () => ({ kind: 'sticker', mime: 'image/gif', bytes: longAnimation(5_000) }),
  () => ({ kind: 'voice', mime: 'audio/ogg; codecs=opus', bytes: silentBomb(200) }),
  () => ({
    kind: 'document',
    mime: 'application/zip',
    bytes: packedDocument(64),
    fileName: `${'../'.repeat(50)}passwd`,
  }),
  () => ({ kind: 'audio', mime: 'audio/mpeg', bytes: MP3 }),
  () => ({ kind: 'video', mime: 'video/mp4', bytes: MP4 }),
  () => ({ kind: 'voice', mime: 'audio/ogg; codecs=opus', bytes: VOICE.subarray(0, VOICE.length / 2) }),
  draw => ({ kind: 'image', mime: 'image/png', bytes: randomBytes(1 + draw(200_000)) }),
  draw => ({ kind: 'document', mime: 'application/pdf', sizeBytes: 1 + draw(2 ** 21), seed: String(draw(1_000)) }),
]

/** Files that lie about where they are lead to the canary. */
const liesTo = (port: number): Uint8Array => {
  const at = { url: `https://127.0.0.1:${port}/v/a`, directPath: `//127.0.0.1:${port}/v/a` }
  return bytesOf({ imageMessage: at, documentMessage: at, audioMessage: at, videoMessage: at, stickerMessage: at })
}

const fileIn = saying(async (author, to, draw) => author.sendsFile(oneOf(draw, FILES)(draw), to))
const album = saying(async (author, to, draw) => {
  const id = await author.announcesAlbum({ images: 1 + draw(1_000) }, to)
  for (let n = draw(6); n > 0; n -= 1)
    await author.sendsFile({ kind: 'image', mime: 'image/png', bytes: PNG, album: id, caption: `${n}` }, to)
})

const OUT = [
  { kind: 'image', data: hugePicture(50_000) },
  { kind: 'sticker', data: longAnimation(5_000) },
  { kind: 'voice', data: silentBomb(200) },
  { kind: 'voice', data: MP3 },
  { kind: 'document', data: packedDocument(64) },
] as const

/** Files that come in, in albums and with wrong addresses, and files that org B sends, which are looked into. */
export function files(scene: Scene): Deed {
  const { arena, people } = scene
  const { request, admins, canary } = arena
  const said = { headers: { 'content-type': 'application/json' }, method: 'POST' }
  const send =
    (media: unknown): Deed =>
    async draw => {
      const body = JSON.stringify({ to: oneOf(draw, people).phone, media })
      return outcomeOf(
        (await request('/api/v1/channels/whatsapp/send', { ...said, token: oneOf(draw, admins), body })).status,
      )
    }
  return anyOf(
    fileIn(scene),
    album(scene),
    saying((author, to, draw) => author.sendsFile({ ...oneOf(draw, FILES)(draw), lies: liesTo(canary.port) }, to))(
      scene,
    ),
    draw => {
      const { kind, data } = oneOf(draw, OUT)
      return send({ kind, data: data.toString('base64') })(draw)
    },
    send({ kind: 'document', url: `https://127.0.0.1:${canary.port}/steal` }),
    send({ kind: 'document', url: `https://localhost:${canary.port}/steal` }),
  )
}

/** What the model of org B's agent does when it is asked. */
const MODELS = [
  () => hangs(),
  () => hangs(saysPiece('a beginning')),
  () => breaks(saysPiece('half')),
  () => refuses(500),
  () => refuses(429, { 'retry-after': '1' }),
  () => endless(saysPiece('*_~`[]('.repeat(500)), () => undefined),
  () => says('# Done\n\n| a | b |\n|---|---|\n'.repeat(50)),
]

/** Org B's agent is slow, fails, never ends, or says far too much. */
export function agents({ arena, people }: Scene): Deed {
  return async draw => {
    arena.model.next(oneOf(draw, MODELS)())
    await oneOf(draw, people).says(`${TO_MODEL} ${draw(1_000_000)}`, { to: arena.ours })
    return 'accepted'
  }
}
