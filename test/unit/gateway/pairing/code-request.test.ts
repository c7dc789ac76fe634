import { EventEmitter } from 'node:events'
import type { BinaryNode } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'

import type { Connection } from '../../../../plugin/gateway/connection/socket.ts'
import { requestCode } from '../../../../plugin/gateway/pairing/pairing-code.ts'
import { parsePhone } from '../../../../plugin/contract/ids.ts'
import { given } from '../../../support/given.ts'

/** A line on which a code is asked for and an answer has come, emitted as Baileys does. */
function asking() {
  const ws = new EventEmitter()
  const code = requestCode(
    { socket: { ws, requestPairingCode: async () => 'K3WA7XQ2' } as unknown as Connection['socket'] },
    given(parsePhone('+972500000001')),
  )
  const answer = (type: 'result' | 'error', id: string): void => {
    const stanza: BinaryNode = { tag: 'iq', attrs: { type, id } }
    ws.emit(`TAG:${id}`, stanza)
    ws.emit(type === 'error' ? 'CB:iq,type:error' : 'CB:iq,,link_code_companion_reg', stanza)
  }
  return { ws, code, answer }
}

it('gives the code once WhatsApp has taken it, though another question was refused meanwhile', async () => {
  const { ws, code, answer } = asking()
  ws.on('TAG:3', () => undefined)
  answer('error', '3')
  answer('result', '1')
  expect(await code).toBe('K3WA7XQ2')
})

it('gives none when WhatsApp refuses', async () => {
  const { code, answer } = asking()
  answer('error', '1')
  await expect(code).rejects.toThrow()
})
