import { Readable } from 'node:stream'
import { proto } from '@whiskeysockets/baileys'
import type { ParsedOf, Responses } from '../contract/control-contract.ts'
import { withTimer } from '../phone/chat-timers.ts'
import { withRemarks } from '../phone/composing.ts'
import { phoneNamed } from '../contract/named-phone.ts'
import { findChat, findMessage, remarksOf, usualMode } from './phone-operations.ts'
import { Refusal } from '../contract/refusal.ts'
import { say } from '../phone/speaking.ts'
import type { World } from '../world/world.ts'
import { pieceOf } from '../phone/album.ts'
import { fileIn, fileKinds, fileMessage } from '../media/file-message.ts'
import { madeUpFile } from '../media/made-up-file.ts'
import type { MediaHost } from '../media/media-host.ts'
import { openFile, sealFile } from '../media/sealed-file.ts'

export function mediaHostOf({ media }: World): MediaHost {
  if (!media) throw new Refusal(409, 'the network was opened without a media host')
  return media
}

/** A phone encrypts a file, uploads it to the media host and sends a message with its path. */
export async function sendFile(
  world: World,
  request: ParsedOf<'phones/send_file'>,
): Promise<Responses['phones/send_file']> {
  const media = mediaHostOf(world)
  const author = phoneNamed(world, request.name)
  const chat = findChat(world, request.to)
  const addressedBy = request.addressed_by ?? usualMode(chat)
  const { kind, mime, caption, file_name: fileName } = request
  const sealed = await sealFile(plainOf(request), { family: fileKinds[kind], folder: media.folder })
  const directPath = media.publish(sealed.name)
  const place = { directPath, url: `https://${media.hostname}${directPath}` }
  const lies = proto.Message.decode(Buffer.from(request.lies ?? '', 'base64'))
  const file = withLies(fileMessage(kind, { ...sealed, ...place }, { mime, caption, fileName }), lies)
  const said = withTimer(withRemarks(file, remarksOf(world, request, addressedBy)), author, chat)
  const { album, piece_form: form } = request
  const content = album === undefined ? said : pieceOf(said, { album, form, author, chat, addressedBy })
  const id = await say(world, { author, chat, content, addressedBy, revealAlternate: true, garbled: 0 })
  return { id, path: directPath, sha256: sealed.fileSha256.toString('hex'), content: encoded(content) }
}

function plainOf({ data, size_bytes: sizeBytes, seed }: ParsedOf<'phones/send_file'>): Readable {
  if (data !== undefined) return Readable.from([Buffer.from(data, 'base64')])
  return madeUpFile(sizeBytes, seed)
}

/** Replaces facts about the file with the sender's false claims. */
function withLies(truth: proto.IMessage, lies: proto.IMessage): proto.IMessage {
  const told = Object.entries(truth).map(([name, part]: [string, object]) => {
    const lie: object = Object(lies[name as keyof proto.IMessage])
    return [name, { ...part, ...lie }]
  })
  return Object.fromEntries(told) as proto.IMessage
}

const encoded = (content: proto.IMessage): string =>
  Buffer.from(proto.Message.encode(content).finish()).toString('base64')

const isOn = ({ ledger }: World, name: string, message: string): boolean =>
  [...ledger.heard(name, 0), ...ledger.screen(name)].some(({ id }) => id === message)

/** The phone opens a file that it has received or sent: it is downloaded and checked completely. */
export async function receivedFile(
  world: World,
  { name, message }: ParsedOf<'phones/file'>,
): Promise<Responses['phones/file']> {
  const media = mediaHostOf(world)
  if (!isOn(world, phoneNamed(world, name).name, message)) {
    throw new Refusal(404, `${name} has no such message`)
  }
  const found = fileIn(findMessage(world, message).content)
  if (!found) throw new Refusal(409, 'there is no file in that message')
  const path = media.find(found.file.directPath)
  if (!path) throw new Refusal(404, 'the file is not on the media host')
  const { sha256, head } = await openFile(path, found.file, found.family)
  return { sha256, size_bytes: found.file.fileLength, head: head.toString('base64') }
}

export function setFileFault(world: World, { path, fault }: ParsedOf<'faults/file'>): Record<string, never> {
  mediaHostOf(world).spoil(path, fault)
  return {}
}

export function askedForFile(world: World, { path }: ParsedOf<'ledger/file'>): { asked: number } {
  return { asked: mediaHostOf(world).asked.get(path) ?? 0 }
}
