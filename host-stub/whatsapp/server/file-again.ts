import { createCipheriv, randomBytes } from 'node:crypto'
import { basename } from 'node:path'
import { proto } from '@whiskeysockets/baileys'
import { personalAddress, type Companion } from '../world/accounts.ts'
import { formatAddress } from '../wire/address.ts'
import { ProtocolBreach } from '../protocol/query.ts'
import { attribute, child, stanza, type Stanza } from '../wire/stanza.ts'
import type { World } from '../world/world.ts'
import { fileIn } from '../media/file-message.ts'
import { retryKey } from '../media/media-keys.ts'

const { SUCCESS } = proto.MediaRetryNotification.ResultType
const notFound = '2'

/** A device reports that a file is gone from the media host: its own phone uploads it again if it still has it. */
export function putFileAgain(world: World, companion: Companion, node: Stanza): void {
  const { account } = companion
  const id = attribute(node, 'id') ?? ''
  const asked = child(node, 'rmr')
  if (!asked || !child(child(node, 'encrypt'), 'enc_p'))
    throw new ProtocolBreach('a request for a file without its parts')
  if (account.faults.fileAgain === 'silence') return
  const message = world.messages.find(id)
  const found = message && fileIn(message.content)
  const lost = found && world.media?.find(found.file.directPath)
  const told = found && lost && account.faults.fileAgain === 'put_again' ? again(world, { id, found, lost }) : refusal()
  const from = formatAddress(personalAddress(account, 's.whatsapp.net'))
  const rmr = stanza('rmr', { ...asked.attrs })
  companion.queue.post(stanza('notification', { type: 'mediaretry', from, id }, [rmr, told]))
}

const refusal = (): Stanza => stanza('error', { code: notFound })

interface Lost {
  id: string
  found: NonNullable<ReturnType<typeof fileIn>>
  lost: string
}

function again(world: World, { id, found, lost }: Lost): Stanza {
  const directPath = world.media?.publish(basename(lost)) ?? ''
  const answer = proto.MediaRetryNotification.encode({ stanzaId: id, directPath, result: SUCCESS }).finish()
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', retryKey(found.file.mediaKey), iv).setAAD(Buffer.from(id))
  const sealed = Buffer.concat([cipher.update(answer), cipher.final(), cipher.getAuthTag()])
  return stanza('encrypt', {}, [stanza('enc_p', {}, sealed), stanza('enc_iv', {}, iv)])
}
