import { proto } from '@whiskeysockets/baileys'
import { personalAddress, type Account, type Companion } from '../world/accounts.ts'
import { formatAddress } from '../wire/address.ts'
import { sendToOwnDevice } from './bootstrap.ts'
import { makeMessageId } from '../wire/message-id.ts'
import type { SaidMessage } from '../world/messages.ts'
import type { World } from '../world/world.ts'

interface Asking {
  from: Companion
  id: string
}

const answersOf = { once: 1, twice: 2, never: 0 }
const { PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE } = proto.Message.ProtocolMessage.Type
const { PLACEHOLDER_MESSAGE_RESEND } = proto.Message.PeerDataOperationRequestType

/** Answers a device that asks its phone for messages that came without a ciphertext; the phone sends those that it has. */
export async function answerPlaceholders(world: World, { from, id }: Asking, content: proto.IMessage): Promise<void> {
  const asked = content.protocolMessage?.peerDataOperationRequestMessage?.placeholderMessageResendRequest ?? []
  for (const { messageKey } of asked) {
    const wanted = messageKey?.id ?? ''
    world.ledger.writeMessage(wanted, record => (record.placeholders += 1))
    const message = world.messages.find(wanted)
    const times = message ? answersOf[from.account.faults.placeholders] : 0
    for (let time = 0; time < times; time += 1) if (message) await answer(from, id, message)
  }
}

async function answer(to: Companion, request: string, message: SaidMessage): Promise<void> {
  const bytes = proto.WebMessageInfo.encode(infoOf(to, message)).finish()
  await sendToOwnDevice(to, {
    protocolMessage: {
      type: PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE,
      peerDataOperationRequestResponseMessage: {
        peerDataOperationRequestType: PLACEHOLDER_MESSAGE_RESEND,
        stanzaId: request || makeMessageId(),
        peerDataOperationResult: [{ placeholderMessageResendResponse: { webMessageInfoBytes: bytes } }],
      },
    },
  })
}

/** The message as the phone stores it. A phone addresses its contacts by number, whatever the address on the wire was. */
function infoOf({ account }: Companion, { id, author, chat, content }: SaidMessage): proto.IWebMessageInfo {
  const fromMe = author === account
  const partner = 'peer' in chat && fromMe ? chat.peer : author
  const place =
    'group' in chat ? { remoteJid: chat.group.id, participant: numberOf(author) } : { remoteJid: numberOf(partner) }
  return {
    key: { ...place, id, fromMe },
    message: content,
    messageTimestamp: Math.floor(Date.now() / 1_000),
    pushName: author.pushName,
  }
}

const numberOf = (account: Account): string => formatAddress(personalAddress(account, 's.whatsapp.net'))
