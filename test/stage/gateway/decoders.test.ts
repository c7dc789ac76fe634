import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

import { expect, it } from 'vitest'

import type { OrgId } from '../../../plugin/contract/ids.ts'
import { Decoders } from '../../../plugin/gateway/convert/decoders.ts'
import { keptLog } from '../../support/host.ts'
import { silentBomb } from '../../support/ogg.ts'
import { photo, VOICE } from '../../support/samples.ts'
import { ORG } from '../../support/store.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const OTHER = 'org_other' as OrgId
const BUILT = pathToFileURL(resolve('dist/gateway/convert/decoder.js'))
/** What a library would do with a file that is made for it, each by the name of the file. */
const STUCK = `
  import { parentPort } from 'node:worker_threads'
  import { connect } from 'node:net'
  parentPort.on('message', ({ path, into }) => {
    if (path === 'listening') return void connect(Number(into))
    if (path === 'endless') for (;;);
    if (path === 'broken') throw new Error('secret')
    if (path === 'gone') process.exit(1)
    if (path !== 'silent') parentPort.postMessage(path)
  })`

const portOf = (server: Server): number => (server.address() as AddressInfo).port

async function opened(deadlineMs: number, source?: string) {
  const folder = await temporaryFolder()
  const entry = source === undefined ? BUILT : pathToFileURL(join(folder.path, 'stuck.mjs'))
  if (source !== undefined) await writeFile(entry, source)
  const kept = keptLog()
  const parts = { entry, deadlineMs, log: kept.log }
  const decoders = new Decoders(parts)
  return {
    decoders,
    parts,
    lines: kept.lines,
    fileOf: async (name: string, bytes: Buffer) => {
      await mkdir(folder.path, { recursive: true })
      await writeFile(join(folder.path, name), bytes)
      return join(folder.path, name)
    },
    [Symbol.asyncDispose]: async () => {
      await decoders.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

it('reads pictures and sounds elsewhere, and a bomb of hours as its beginning', async () => {
  await using at = await opened(60_000)
  const picture = await at.decoders.make(ORG, { kind: 'picture', path: await at.fileOf('picture', await photo()) })
  expect(picture).toMatchObject({ width: 640, height: 480 })
  expect(picture?.jpegThumbnail?.length).toBeGreaterThan(100)
  const voice = await at.fileOf('voice', VOICE)
  expect(await at.decoders.make(ORG, { kind: 'seconds', path: voice })).toBe(1)
  expect(await at.decoders.make(ORG, { kind: 'waveform', path: voice })).toHaveLength(64)
  // An hour of sound in 100 kB.
  const bomb = await at.fileOf('bomb', silentBomb(120))
  expect(await at.decoders.make(ORG, { kind: 'waveform', path: bomb })).toEqual(new Uint8Array(64))
  expect(await at.decoders.make(ORG, { kind: 'picture', path: voice })).toBeNull()
  expect(at.lines).toEqual([])
})

it.each([
  ['endless', 'too_long'],
  ['silent', 'too_long'],
  ['broken', 'broke_down'],
  ['gone', 'broke_down'],
])('a file over which a library is %s is not read, and the next one is', async (path, reason) => {
  await using at = await opened(reason === 'too_long' ? 300 : 60_000, STUCK)
  expect(await at.decoders.make(ORG, { kind: 'seconds', path })).toBeNull()
  at.parts.deadlineMs = 60_000
  expect(await at.decoders.make(ORG, { kind: 'seconds', path: 'next' })).toBe('next')
  expect(at.lines.map(({ fields, event }) => [event, fields])).toEqual([
    ['file not decoded', { kind: 'seconds', reason }],
  ])
})

it('what takes too long is ended, and not only given up', async () => {
  await using at = await opened(60_000, STUCK)
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const connected = once(server, 'connection') as Promise<[Socket]>
  at.parts.deadlineMs = 3_000
  const made = at.decoders.make(ORG, { kind: 'seconds', path: 'listening', into: String(portOf(server)) })
  const [socket] = await connected
  const ended = once(
    socket.resume().on('error', () => undefined),
    'close',
  )
  expect(await made).toBeNull()
  await ended
  server.close()
})

it('the files of one org hold up no other', async () => {
  await using at = await opened(60_000, STUCK)
  const stuck = [1, 2, 3].map(() => at.decoders.make(OTHER, { kind: 'seconds', path: 'endless' }))
  expect(await at.decoders.make(ORG, { kind: 'seconds', path: 'mine' })).toBe('mine')
  const ended = Promise.allSettled(stuck)
  await at.decoders.close()
  expect((await ended).map(each => each.status)).toEqual(['rejected', 'rejected', 'rejected'])
})

it('nothing is begun after it is closed', async () => {
  await using at = await opened(60_000, STUCK)
  await at.decoders.close()
  const late = at.decoders.make(ORG, { kind: 'seconds', path: 'late' })
  await expect(late).rejects.toMatchObject({ code: 'gateway_unreachable' })
  const program = at.decoders.convert(ORG, () => Promise.resolve(true))
  await expect(program).rejects.toMatchObject({ code: 'gateway_unreachable' })
})

it('no library that reads files is loaded where messages are', async () => {
  const folder = resolve('dist/gateway')
  const loaded = new Set<string>()
  const load = async (file: string): Promise<void> => {
    if (loaded.has(file)) return
    loaded.add(file)
    const source = await readFile(join(folder, file), 'utf8')
    for (const [, name = ''] of source.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)) {
      if (name.startsWith('.')) await load(join(dirname(file), name))
      else loaded.add(name)
    }
  }
  await load('process.js')
  expect(loaded).toContain('@whiskeysockets/baileys')
  for (const name of ['sharp', 'music-metadata', 'ogg-opus-decoder']) expect(loaded).not.toContain(name)
})

it('a program is told to end when it is closed', async () => {
  await using at = await opened(60_000, STUCK)
  const program = at.decoders.convert(
    ORG,
    signal => new Promise(resolve => signal.addEventListener('abort', () => resolve(false))),
  )
  const ended = Promise.allSettled([program])
  await at.decoders.close()
  expect((await ended)[0]).toMatchObject({ status: 'rejected' })
})
