import { expect, it } from 'vitest'

import { parsePhone } from '../../../../plugin/contract/ids.ts'
import type { Connection, ConnectionListener } from '../../../../plugin/gateway/connection/socket.ts'
import { startPairing, type PendingLogin } from '../../../../plugin/gateway/pairing/pairing.ts'

it('asks the next line for a code with another login: the last one holds a number by then, as if it were linked', () => {
  const lines: { login: PendingLogin; listener: ConnectionListener }[] = []
  const accepted: PendingLogin[] = []
  startPairing({
    phone: parsePhone('+972500000001'),
    attempts: {
      wish: ({ open }) => {
        open({ version: '2.3000.1043857760', accepted: () => undefined, refused: () => undefined })
        return () => undefined
      },
      again: () => undefined,
      isOld: () => false,
    },
    times: { firstMs: 60_000, nextMs: 20_000 },
    now: () => 0,
    show: () => undefined,
    connect: (login, _appearance, listener) => {
      lines.push({ login, listener })
      return { end: async () => undefined } as Connection
    },
    paired: login => accepted.push(login),
    finished: () => undefined,
    ended: () => undefined,
  })
  const [first] = lines
  if (!first) throw new Error('no line was opened')
  // What Baileys notes as soon as it asks for a code.
  Object.assign(first.login.creds, { pairingCode: 'K3WA7XQ2', me: { id: '972500000001@s.whatsapp.net', name: '~' } })
  first.listener.reported('creds.update', first.login.creds)
  expect(accepted).toEqual([])
  first.listener.closed({ code: 515, cause: null, attested: true, banMs: null })
  expect(lines).toHaveLength(2)
  expect(lines[1]?.login.creds.me).toBeUndefined()
  expect(lines[1]?.login.creds.noiseKey.public).not.toEqual(first.login.creds.noiseKey.public)
})
