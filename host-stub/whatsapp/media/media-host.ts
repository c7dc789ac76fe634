import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { rename, rm, stat, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { generate } from 'selfsigned'
import { spoilt, type FileFault } from './file-faults.ts'

/** The file server of the network: stores the uploads of phones and devices under their paths. */
export interface MediaHost {
  /** `127.0.0.1:<port>` */
  hostname: string
  /** The certificate that its clients must trust. */
  caFile: string
  folder: string
  /** The token that each upload must contain. */
  auth: string
  /** Publishes a file of the folder under a new path. */
  publish(name: string): string
  /** The file of a path; undefined if there is none, or not any more. */
  find(path: string): string | undefined
  /** Sets the fault of the file at a path; null: none. */
  spoil(path: string, fault: FileFault | null): void
  /** How often each path was requested. */
  asked: Map<string, number>
}

const loopback = '127.0.0.1'

/** Opens the media host on loopback, with a self-signed certificate. */
export async function openMediaHost(folder: string): Promise<MediaHost> {
  const altNames = [{ type: 7 as const, ip: loopback }]
  const extensions = [{ name: 'subjectAltName' as const, altNames }]
  const pem = await generate([{ name: 'commonName', value: loopback }], { keyType: 'ec', extensions })
  const caFile = join(folder, 'media-ca.pem')
  await writeFile(caFile, pem.cert, { mode: 0o600 })
  const shelf = new Shelf(folder)
  const server = createServer({ key: pem.private, cert: pem.cert }, (request, response) => {
    void answer(shelf, request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, loopback, resolve)
  })
  shelf.hostname = `${loopback}:${(server.address() as AddressInfo).port}`
  return Object.assign(shelf, { caFile })
}

class Shelf implements Omit<MediaHost, 'caFile'> {
  hostname = ''
  readonly folder: string
  readonly auth = randomBytes(12).toString('base64url')
  readonly asked = new Map<string, number>()
  readonly #names = new Map<string, string>()
  readonly #faults = new Map<string, FileFault>()

  constructor(folder: string) {
    this.folder = folder
  }

  publish(name: string): string {
    const path = `/v/t62.7118-24/${randomBytes(9).toString('base64url')}.enc`
    this.#names.set(path, name)
    return path
  }

  find(path: string): string | undefined {
    const name = this.#names.get(path)
    return name === undefined ? undefined : join(this.folder, name)
  }

  spoil(path: string, fault: FileFault | null): void {
    if (fault) this.#faults.set(path, fault)
    else this.#faults.delete(path)
  }

  faultOf(path: string): FileFault | undefined {
    return this.#faults.get(path)
  }
}

async function answer(shelf: Shelf, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', `https://${shelf.hostname}`)
  if (request.method === 'POST') return takeUpload(shelf, { url, request, response })
  shelf.asked.set(url.pathname, (shelf.asked.get(url.pathname) ?? 0) + 1)
  const fault = shelf.faultOf(url.pathname)
  if (fault) return spoilt(fault, shelf.find(url.pathname), response)
  const file = shelf.find(url.pathname)
  if (!file) return void response.writeHead(404).end()
  const { size } = await stat(file)
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size })
  await pipeline(createReadStream(file), response)
}

interface Upload {
  url: URL
  request: IncomingMessage
  response: ServerResponse
}

/** Accepts an upload only if its hash matches the hash in its path. */
async function takeUpload(shelf: Shelf, { url, request, response }: Upload): Promise<void> {
  const [, family, name] = /^\/mms\/(image|video|audio|document)\/([\w-]{43}=?)$/.exec(url.pathname) ?? []
  if (!family || !name || url.searchParams.get('auth') !== shelf.auth || url.searchParams.get('token') !== name) {
    return void response.writeHead(403).end()
  }
  const draft = join(shelf.folder, `${randomBytes(8).toString('hex')}.part`)
  const hash = createHash('sha256')
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  await pipeline(request, hashing, createWriteStream(draft, { mode: 0o600 }))
  const found = hash.digest('base64url')
  if (found !== name.replace('=', '')) {
    await rm(draft)
    return void response.writeHead(400).end()
  }
  await rename(draft, join(shelf.folder, found))
  const directPath = shelf.publish(found)
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ url: `https://${shelf.hostname}${directPath}`, direct_path: directPath }))
}
