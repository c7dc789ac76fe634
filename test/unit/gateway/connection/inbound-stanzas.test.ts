import { EventEmitter } from 'node:events'
import { decodeMessageNode, type BinaryNode, type WASocket } from '@whiskeysockets/baileys'
import { expect, test } from 'vitest'

import { lidFromDigits, phoneFromDigits, type Person } from '../../../../plugin/contract/ids.ts'
import { fromWhatsApp } from '../../../../plugin/gateway/messages/from-whatsapp.ts'
import { keepStanzas } from '../../../../plugin/gateway/connection/inbound-stanzas.ts'
import type { Durability } from '../../../../plugin/gateway/connection/socket-config.ts'

const ME = { id: '491700000009:3@s.whatsapp.net', lid: '900900:3@lid' }

/** What is kept of a message, and what Baileys hears of it. */
function passed(attrs: Record<string, string>): { kept: BinaryNode; heard: BinaryNode } {
  const [ws, kept, heard] = [new EventEmitter(), [] as BinaryNode[], [] as BinaryNode[]]
  ws.on('CB:message', (stanza: BinaryNode) => heard.push(stanza))
  const durability = { arrived: (stanza: BinaryNode) => kept.push(stanza) } as unknown as Durability
  keepStanzas({ ws, user: ME } as unknown as WASocket, durability, { fault: null })
  ws.emit('CB:message', { tag: 'message', attrs })
  if (!kept[0] || !heard[0]) throw new Error('nobody heard of it')
  return { kept: kept[0], heard: heard[0] }
}

test.each([
  { peer_recipient_pn: '491700000009@s.whatsapp.net', from: '123456@lid' },
  { peer_recipient_lid: '900900@lid', from: '491700000001@s.whatsapp.net' },
])('whoever a message is for has not written it: %o', attrs => {
  for (const { attrs: left } of Object.values(passed({ id: 'A1', t: '1700000000', ...attrs }))) {
    expect(left).not.toHaveProperty('peer_recipient_pn')
    expect(left).not.toHaveProperty('peer_recipient_lid')
  }
})

test('a message of somebody by LID which names us as its recipient is theirs', () => {
  const given = { id: 'A1', t: '1700000000', from: '123456@lid', peer_recipient_pn: '491700000009@s.whatsapp.net' }
  const { fullMessage } = decodeMessageNode(passed(given).kept, ME.id, ME.lid)
  const self = { lid: lidFromDigits('900900'), phone: phoneFromDigits('491700000009') }
  const reading = {
    self,
    complete: (one: Person) => one,
    choice: () => null,
    open: () => 'secret_unknown' as const,
    receivedAt: 1,
  }
  const said = fromWhatsApp({ ...fullMessage, message: { conversation: 'Hello' } }, reading)
  expect(said?.sender).toEqual({ lid: lidFromDigits('123456'), phone: null })
})

test('the other address of whom a message of ours was for stays with it', () => {
  const attrs = { id: 'A1', from: ME.lid, recipient: '123456@lid', peer_recipient_pn: '491700000001@s.whatsapp.net' }
  expect(passed(attrs).heard.attrs).toMatchObject(attrs)
})
