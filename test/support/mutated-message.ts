import { randomBytes } from 'node:crypto'

import { proto } from '@whiskeysockets/baileys'

import type { Draw } from './drawing.ts'

const key = { remoteJid: '77701@lid', fromMe: true, id: 'A1' }
const file = { url: 'https://mmg.whatsapp.net/v/a', directPath: '/v/a', mediaKey: randomBytes(32), fileLength: 5 }
const place = { degreesLatitude: 1, degreesLongitude: 2, name: 'Office' }
const poll = { name: 'Lunch?', options: [{ optionName: 'Soup' }, { optionName: 'Salad' }] }

const SEEDS: proto.IMessage[] = [
  { conversation: 'hello' },
  {
    extendedTextMessage: {
      text: 'hi',
      contextInfo: { stanzaId: 'Q', participant: '77701@lid', mentionedJid: ['1@lid'] },
    },
  },
  { imageMessage: { ...file, caption: 'look', contextInfo: { quotedMessage: { conversation: 'x' }, stanzaId: 'Q' } } },
  { videoMessage: { ...file, gifPlayback: true } },
  { audioMessage: { ...file, ptt: true, seconds: 3 } },
  { documentWithCaptionMessage: { message: { documentMessage: { ...file, fileName: 'a.pdf', caption: 'c' } } } },
  { viewOnceMessageV2: { message: { ephemeralMessage: { message: { stickerMessage: file } } } } },
  { locationMessage: place },
  { liveLocationMessage: place },
  { contactMessage: { displayName: 'Bob', vcard: 'BEGIN:VCARD\nTEL;waid=1:+1\nEND:VCARD' } },
  { contactsArrayMessage: { contacts: [{ vcard: 'TEL:1' }, { displayName: 'x' }] } },
  { messageContextInfo: { messageSecret: randomBytes(32) }, pollCreationMessageV3: poll },
  { pollUpdateMessage: { pollCreationMessageKey: key, vote: { encPayload: randomBytes(40), encIv: randomBytes(12) } } },
  { eventMessage: { name: 'Party', startTime: 1_700_000_000, location: place } },
  { albumMessage: { expectedImageCount: 2 } },
  { reactionMessage: { key, text: '👍' } },
  { protocolMessage: { type: 0, key } },
  { editedMessage: { message: { protocolMessage: { type: 14, key, editedMessage: { conversation: 'better' } } } } },
  { deviceSentMessage: { destinationJid: '1@lid', message: { conversation: 'own' } } },
  { senderKeyDistributionMessage: { groupId: 'x' }, conversation: 'with a key' },
]
const seeds = SEEDS.map(message => Buffer.from(proto.Message.encode(message).finish()))

/** Bytes changed, cut, doubled, moved and glued to others: what a stranger's program may send. */
export function mutatedMessage(draw: Draw): Buffer {
  let bytes = Buffer.from(seeds[draw(seeds.length)] ?? Buffer.alloc(0))
  for (let left = 1 + draw(4); left > 0; left -= 1) {
    const at = draw(bytes.length + 1)
    const kind = draw(6)
    if (kind === 0 && at < bytes.length) bytes.writeUInt8(draw(256), at)
    else if (kind === 1) bytes = bytes.subarray(0, at)
    else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([draw(256)]), bytes.subarray(at)])
    else if (kind === 3) bytes = Buffer.concat([bytes, seeds[draw(seeds.length)] ?? Buffer.alloc(0)])
    else if (kind === 4) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(draw(bytes.length + 1))])
    else bytes = Buffer.concat([Buffer.from([0xba, 0x02, bytes.length % 128]), bytes])
  }
  return bytes
}
