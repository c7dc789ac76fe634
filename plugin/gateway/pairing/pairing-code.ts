import type { BinaryNode } from '@whiskeysockets/baileys'

import type { Phone } from '../../contract/ids.ts'
import type { Connection } from '../connection/socket.ts'

/** WhatsApp gives no code for this number, or none now. */
class CodeRefused extends Error {}

/** Whether a query with this id waits for the answer itself. Baileys requests a code without a query. */
const isQueried = ({ ws }: Connection['socket'], id: string | undefined): boolean => ws.listenerCount(`TAG:${id}`) > 0

/**
 * Asks WhatsApp to expect a code on the phone of this number, and returns the code once WhatsApp does. Baileys makes the code,
 * sends the request without reading the answer, and answers the phone by itself when a person enters the code. Waits for as long as
 * the connection lives.
 * @throws when WhatsApp refuses, or cannot be asked.
 */
export async function requestCode({ socket }: Pick<Connection, 'socket'>, phone: Phone): Promise<string> {
  const taken = new Promise<void>((resolve, reject) => {
    socket.ws.on('CB:iq,,link_code_companion_reg', ({ attrs }: BinaryNode) => {
      if (attrs['type'] === 'result') resolve()
    })
    socket.ws.on('CB:iq,type:error', ({ attrs }: BinaryNode) => {
      if (!isQueried(socket, attrs['id'])) reject(new CodeRefused())
    })
  })
  const [code] = await Promise.all([socket.requestPairingCode(phone.slice(1)), taken])
  return code
}
