import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { readFile, utimes, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'

import type { Canary } from './arena.ts'

/** A file and an address of this machine that nobody should reach. */
export type Traps = AsyncDisposable & {
  readonly canary: Canary
  /** What was reached, in words; nothing, as it should be. */
  sprung(): string[]
}

const LONG_AGO = new Date(2020, 0, 1)

/** Whether reading a file of this folder shows: not where the file system keeps no times of that. */
async function noticesReading(folder: string): Promise<boolean> {
  const file = join(folder, 'read.json')
  await writeFile(file, '{}')
  await utimes(file, LONG_AGO, new Date())
  await readFile(file)
  return statSync(file).atimeMs > LONG_AGO.getTime()
}

export async function setTraps(folder: string): Promise<Traps> {
  const words = `CANARY${randomBytes(12).toString('hex')}`
  const file = join(folder, 'canary.json')
  await writeFile(file, JSON.stringify({ whatsapp: { key: words } }), { mode: 0o600 })
  await utimes(file, LONG_AGO, new Date())
  const seesReading = await noticesReading(folder)
  let connections = 0
  const server = createServer(socket => {
    connections += 1
    socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    canary: { port: (server.address() as AddressInfo).port, file, words },
    sprung: () => [
      ...(connections > 0 ? [`the address was connected to ${connections} times`] : []),
      ...(seesReading && statSync(file).atimeMs > LONG_AGO.getTime() ? ['the file was read'] : []),
    ],
    [Symbol.asyncDispose]: async () => {
      server.close()
      await once(server, 'close')
    },
  }
}
