import { randomBytes } from 'node:crypto'

import { proto } from '@whiskeysockets/baileys'

import type { FileSent } from '../../../host-stub/whatsapp/client/phone-character.ts'
import { sealedKinds } from '../../../host-stub/whatsapp/contract/sealed-contract.ts'
import { MESSAGE_TYPES } from '../../../plugin/gateway/kinds/message-types.ts'
import { drawing, oneOf, type Draw } from '../../support/drawing.ts'
import { LONGEST_TEXT } from '../../support/full-org.ts'
import { hugePicture, longAnimation, packedDocument } from '../../support/hostile-files.ts'
import { INJECTIONS } from '../../support/injections.ts'
import { breaks, endless, hangs, refuses, says, saysPiece } from '../../support/model-endpoint.ts'
import { mutatedMessage } from '../../support/mutated-message.ts'
import type { PhoneCharacter } from '../../support/network.ts'
import { silentBomb } from '../../support/ogg.ts'
import { MP3, MP4, PNG, VOICE } from '../../support/samples.ts'
import { WORST_MESSAGES, worstMessage } from '../../support/worst-messages.ts'
import { anyOf, outcomeOf, rowsIn, type Arena, type Deed, type Row } from './arena.ts'

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

const TEXTS = {
  'twenty texts at once': saying(async (author, to, draw) => {
    for (let n = 0; n < FLOOD; n += 1) await author.says(`flood ${draw(1_000_000)}`, to)
  }),
  'the longest text': saying((author, to) => author.says(HARD.repeat(LONGEST_TEXT), to)),
  'the longest text of marks': saying((author, to) => author.says('*_~`[](@'.repeat(LONGEST_TEXT / 8), to)),
  'a long text to search': saying((author, to, draw) => author.says('xa'.repeat(draw(LONGEST_TEXT / 2)) + '!', to)),
  'what looks like something else': saying((author, to, draw) => author.says(oneOf(draw, INJECTIONS), to)),
  'a broken message': saying((author, to, draw) => author.sends(mutatedMessage(draw), to)),
  'the worst of any type': saying((author, to, draw) =>
    author.sends(worstMessage(oneOf(draw, TYPES), MESSAGE_BYTES), to),
  ),
  'a forged quote with mentions': saying((author, to) => author.sends(bytesOf(forged(to.to)), to)),
  'an edit and a reaction': saying(async (author, to) => {
    const id = await author.says('at first', to)
    await author.sends(bytesOf(edited(id)), to)
    await author.reacts('👍'.repeat(1_000), { message: id })
  }),
  'what cannot be read': saying((author, to) => author.says('cannot be read', { ...to, garbled: 1 })),
}

/** Every kind of message, as many and as long as there may be. */
export const contacts = (scene: Scene): Deed => anyOf(...Object.values(TEXTS).map(text => text(scene)))

export const textRows = (scene: Scene): Row[] =>
  Object.entries(TEXTS).map(([name, text]) => ({ kind: 'text', name, deed: text(scene) }))

/** The worst message of each type. */
export const messageRows = (scene: Scene): Row[] =>
  TYPES.map(type => ({
    kind: 'message',
    name: `${type}: ${WORST_MESSAGES[type]}`,
    deed: saying((author, to) => author.sends(worstMessage(type, MESSAGE_BYTES), to))(scene),
  }))

/** Words that are sealed with a secret, and make no sense when they are opened. */
export const sealed = saying(async (author, to, draw) => {
  const about = await author.says('to be sealed about', { ...to, withSecret: true })
  const plain = mutatedMessage(drawing(draw(2 ** 31)))
  const wrong = draw(2) === 0 ? { secret: randomBytes(32) } : {}
  await author.seals(oneOf(draw, sealedKinds), { about, plain, ...wrong })
})

/** What a decoder would make much of, or nothing. */
const FILES: Readonly<Record<string, (draw: Draw) => FileSent>> = {
  'a picture of a huge size': () => ({ kind: 'image', mime: 'image/png', bytes: hugePicture(50_000) }),
  'a sticker of many pictures': () => ({ kind: 'sticker', mime: 'image/gif', bytes: longAnimation(5_000) }),
  'a voice message of hours': () => ({ kind: 'voice', mime: 'audio/ogg; codecs=opus', bytes: silentBomb(200) }),
  'a document in many wrappings': () => ({
    kind: 'document',
    mime: 'application/zip',
    bytes: packedDocument(64),
    fileName: `${'../'.repeat(50)}passwd`,
  }),
  sound: () => ({ kind: 'audio', mime: 'audio/mpeg', bytes: MP3 }),
  'a video': () => ({ kind: 'video', mime: 'video/mp4', bytes: MP4 }),
  'half a voice message': () => ({
    kind: 'voice',
    mime: 'audio/ogg; codecs=opus',
    bytes: VOICE.subarray(0, VOICE.length / 2),
  }),
  'bytes that are no picture': draw => ({ kind: 'image', mime: 'image/png', bytes: randomBytes(1 + draw(200_000)) }),
  'a long document': draw => ({
    kind: 'document',
    mime: 'application/pdf',
    sizeBytes: 1 + draw(2 ** 21),
    seed: String(draw(1_000)),
  }),
}
const anyFile = (draw: Draw): FileSent => oneOf(draw, Object.values(FILES))(draw)

/** Files that lie about where they are lead to the canary. */
const liesTo = (port: number): Uint8Array => {
  const at = { url: `https://127.0.0.1:${port}/v/a`, directPath: `//127.0.0.1:${port}/v/a` }
  return bytesOf({ imageMessage: at, documentMessage: at, audioMessage: at, videoMessage: at, stickerMessage: at })
}

const album = saying(async (author, to, draw) => {
  const id = await author.announcesAlbum({ images: 1 + draw(1_000) }, to)
  for (let n = draw(6); n > 0; n -= 1)
    await author.sendsFile({ kind: 'image', mime: 'image/png', bytes: PNG, album: id, caption: `${n}` }, to)
})

const OUT = {
  'a picture of a huge size to be sent': { kind: 'image', data: hugePicture(50_000) },
  'a sticker of many pictures to be sent': { kind: 'sticker', data: longAnimation(5_000) },
  'a voice message of hours to be sent': { kind: 'voice', data: silentBomb(200) },
  'sound to be sent as a voice message': { kind: 'voice', data: MP3 },
  'a document in many wrappings to be sent': { kind: 'document', data: packedDocument(64) },
} as const

/** Files that come in, in albums and with wrong addresses, and files that org B sends, which are looked into. */
export const files = (scene: Scene): Deed => anyOf(...fileRows(scene).map(({ deed }) => deed))

export function fileRows(scene: Scene): Row[] {
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
  const incoming = Object.entries(FILES).map(([name, file]): [string, Deed] => [
    name,
    saying((author, to, draw) => author.sendsFile(file(draw), to))(scene),
  ])
  const outgoing = Object.entries(OUT).map(([name, { kind, data }]): [string, Deed] => [
    name,
    send({ kind, data: data.toString('base64') }),
  ])
  return rowsIn('file', {
    ...Object.fromEntries(incoming),
    'an album': album(scene),
    'one that names an address of its own': saying((author, to, draw) =>
      author.sendsFile({ ...anyFile(draw), lies: liesTo(canary.port) }, to),
    )(scene),
    ...Object.fromEntries(outgoing),
    'an address of this machine to be sent': send({ kind: 'document', url: `https://127.0.0.1:${canary.port}/steal` }),
    'a name of this machine to be sent': send({ kind: 'document', url: `https://localhost:${canary.port}/steal` }),
  })
}

/** What the model of org B's agent does when it is asked. */
const MODELS = {
  'never answers': () => hangs(),
  'never goes on': () => hangs(saysPiece('a beginning')),
  'breaks off': () => breaks(saysPiece('half')),
  fails: () => refuses(500),
  'is called too often': () => refuses(429, { 'retry-after': '1' }),
  'never ends': () => endless(saysPiece('*_~`[]('.repeat(500)), () => undefined),
  'says too much': () => says('# Done\n\n| a | b |\n|---|---|\n'.repeat(50)),
}

/** Org B's agent is slow, fails, never ends, or says far too much. */
export const agents = (scene: Scene): Deed => anyOf(...agentRows(scene).map(({ deed }) => deed))

export const agentRows = ({ arena, people }: Scene): Row[] =>
  Object.entries(MODELS).map(([name, model]) => ({
    kind: 'agent',
    name: `one whose model ${name}`,
    deed: async draw => {
      arena.model.next(model())
      await oneOf(draw, people).says(`${TO_MODEL} ${draw(1_000_000)}`, { to: arena.ours })
      return 'accepted'
    },
  }))
