import { createHash, randomBytes } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'

/** What a bucket is asked for; `begin`, `part`, `complete` and `abort` are of an upload in parts, `halves` lists those. */
export type S3Operation =
  'get' | 'head' | 'put' | 'remove' | 'names' | 'begin' | 'part' | 'complete' | 'abort' | 'halves'

/** How a server fails. */
export type S3Fault =
  /** It says that it cannot now, or that we may not. */
  | 'unavailable'
  | 'denied'
  /** It takes all that is sent and says nothing. */
  | 'silent'
  /** It gives half of what it promised; then the line ends, or nothing more comes, or a little at a time. */
  | 'truncated'
  | 'stalled'
  | 'dripping'
  /** It gives other bytes, and as many. */
  | 'flipped'
  /** It gives all, whatever range was asked for. */
  | 'entire'

export type S3Request = { readonly operation: S3Operation; readonly key: string }

type HalfUpload = { readonly key: string; readonly begunAt: Date; readonly parts: Map<number, Buffer> }

/** Which requests fail, how, and how many of them; all from now on unless said otherwise. */
export type S3Plan = S3Request & { readonly fault: S3Fault; readonly times?: number }

/** A bucket on loopback that is kept in memory and fails as it is told. It checks that what came is what was signed, and not by whom. */
export type FaultyS3 = AsyncDisposable & {
  readonly endpoint: string
  readonly bucket: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly objects: Map<string, Buffer>
  /** By id. */
  readonly uploads: Map<string, HalfUpload>
  readonly requests: readonly S3Request[]
  /** Requests whose key has `key` in it. */
  fails(plan: S3Plan): void
  /** Nothing fails any more. */
  recovers(): void
  /** The `times`-th request of a kind, once it has come; fails when it has not within 20 s. */
  until(operation: S3Operation, times?: number): Promise<S3Request>
  count(operation: S3Operation): number
}

/** Small, so that a few uploads fill several pages. */
const NAMES_A_PAGE = 1_000
const UPLOADS_A_PAGE = 2
const DRIP_MS = 50
const PATIENCE_MS = 20_000
const CHECKSUM = /^x-amz-(sdk-)?checksum-/
const BUCKET = 'artifacts'

const hashOf = (algorithm: 'sha256' | 'md5', bytes: Buffer): string => createHash(algorithm).update(bytes).digest('hex')

export async function startFaultyS3(): Promise<FaultyS3> {
  const store = new Store()
  const server = createServer((request, response) => {
    answer(store, request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bucket: BUCKET,
    credentials: { accessKeyId: randomBytes(10).toString('hex'), secretAccessKey: randomBytes(20).toString('hex') },
    objects: store.objects,
    uploads: store.uploads,
    requests: store.requests,
    fails: plan => void store.plans.push({ times: Number.POSITIVE_INFINITY, ...plan }),
    recovers: () => void store.plans.splice(0),
    until: (operation, times = 1) => store.until(operation, times),
    count: operation => store.requests.filter(each => each.operation === operation).length,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

class Store {
  readonly objects = new Map<string, Buffer>()
  readonly uploads = new Map<string, HalfUpload>()
  readonly requests: S3Request[] = []
  readonly plans: (S3Plan & { times: number })[] = []
  readonly #news = new EventEmitter()

  note(request: S3Request): S3Fault | null {
    this.requests.push(request)
    this.#news.emit('request')
    const plan = this.plans.find(
      ({ operation, key, times }) => operation === request.operation && request.key.includes(key) && times > 0,
    )
    if (plan) plan.times -= 1
    return plan?.fault ?? null
  }

  async until(operation: S3Operation, times: number): Promise<S3Request> {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    for (;;) {
      const found = this.requests.filter(each => each.operation === operation)[times - 1]
      if (found) return found
      await once(this.#news, 'request', { signal })
    }
  }
}

type Asked = S3Request & {
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

function operationOf(method: string, query: URLSearchParams): S3Operation | null {
  if (method === 'GET' && query.has('uploads')) return 'halves'
  if (method === 'GET') return query.has('list-type') ? 'names' : 'get'
  if (method === 'HEAD') return 'head'
  if (method === 'PUT') return query.has('partNumber') ? 'part' : 'put'
  if (method === 'POST') return query.has('uploads') ? 'begin' : 'complete'
  if (method === 'DELETE') return query.has('uploadId') ? 'abort' : 'remove'
  return null
}

async function answer(store: Store, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://faulty')
  const [, bucket, ...names] = pathname.split('/').map(decodeURIComponent)
  const operation = operationOf(request.method ?? '', query)
  const body = await buffer(request)
  if (operation === null) return refuse(response, 501, 'NotImplemented')
  const asked = { operation, key: names.join('/'), query, headers: request.headers, body }
  const fault = store.note({ operation, key: asked.key })
  if (fault === 'silent') return
  if (fault === 'unavailable') return refuse(response, 503, 'ServiceUnavailable')
  if (fault === 'denied') return refuse(response, 403, 'AccessDenied')
  if (bucket !== BUCKET) return refuse(response, 404, 'NoSuchBucket')
  // As a server that knows no checksums of this kind; and what is signed by its hash cannot be framed as a stream either.
  if (Object.keys(request.headers).some(name => CHECKSUM.test(name))) return refuse(response, 501, 'NotImplemented')
  const signed = request.headers['x-amz-content-sha256']
  if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ')) return refuse(response, 403, 'AccessDenied')
  if (signed !== hashOf('sha256', body)) return refuse(response, 400, 'XAmzContentSHA256Mismatch')
  if (operation === 'get') return give(store, { asked, fault, response })
  perform[operation](store, asked, response)
}

const perform: Record<Exclude<S3Operation, 'get'>, (store: Store, asked: Asked, response: ServerResponse) => void> = {
  head({ objects }, { key }, response) {
    const found = objects.get(key)
    response.writeHead(found ? 200 : 404, found ? { 'content-length': found.length } : {}).end()
  },
  put({ objects }, { key, body }, response) {
    objects.set(key, body)
    response.writeHead(200, { etag: `"${hashOf('md5', body)}"` }).end()
  },
  remove({ objects }, { key }, response) {
    objects.delete(key)
    response.writeHead(204).end()
  },
  begin({ uploads }, { key }, response) {
    const id = randomBytes(8).toString('hex')
    uploads.set(id, { key, begunAt: new Date(), parts: new Map() })
    said(response, `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`)
  },
  part({ uploads }, { query, body }, response) {
    const upload = uploads.get(query.get('uploadId') ?? '')
    if (!upload) return refuse(response, 404, 'NoSuchUpload')
    upload.parts.set(Number(query.get('partNumber')), body)
    response.writeHead(200, { etag: `"${hashOf('md5', body)}"` }).end()
  },
  complete({ objects, uploads }, { key, query, body }, response) {
    const id = query.get('uploadId') ?? ''
    const parts = [...body.toString().matchAll(/<PartNumber>(\d+)</g)].map(([, part]) =>
      uploads.get(id)?.parts.get(Number(part)),
    )
    const bytes = parts.filter(part => part !== undefined)
    if (bytes.length === 0 || bytes.length < parts.length) return refuse(response, 400, 'InvalidPart')
    objects.set(key, Buffer.concat(bytes))
    uploads.delete(id)
    said(response, '<CompleteMultipartUploadResult><ETag>"whole"</ETag></CompleteMultipartUploadResult>')
  },
  abort({ uploads }, { query }, response) {
    if (!uploads.delete(query.get('uploadId') ?? '')) return refuse(response, 404, 'NoSuchUpload')
    response.writeHead(204).end()
  },
  names({ objects }, { query }, response) {
    const after = query.get('continuation-token') ?? ''
    const found = [...objects]
      .filter(([key]) => key.startsWith(query.get('prefix') ?? '') && key > after)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
    const page = found.slice(0, Number(query.get('max-keys') ?? NAMES_A_PAGE))
    const rows = page.map(([key, { length }]) => `<Contents><Key>${key}</Key><Size>${length}</Size></Contents>`)
    const last = page.length < found.length ? page.at(-1)?.[0] : undefined
    const more = last === undefined ? '' : `<NextContinuationToken>${last}</NextContinuationToken>`
    said(
      response,
      `<ListBucketResult><IsTruncated>${last !== undefined}</IsTruncated>${more}${rows.join('')}</ListBucketResult>`,
    )
  },
  halves({ uploads }, { query }, response) {
    const prefix = query.get('prefix') ?? ''
    const after = (query.get('key-marker') ?? '') + (query.get('upload-id-marker') ?? '')
    const all = [...uploads]
      .map(([id, { key, begunAt }]) => ({ id, key, begunAt }))
      .filter(({ id, key }) => key.startsWith(prefix) && key + id > after)
      .toSorted((one, other) => (one.key + one.id < other.key + other.id ? -1 : 1))
    const page = all.slice(0, UPLOADS_A_PAGE)
    const rows = page.map(
      ({ id, key, begunAt }) =>
        `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${begunAt.toISOString()}</Initiated></Upload>`,
    )
    const last = page.at(-1)
    const next = `<NextKeyMarker>${last?.key}</NextKeyMarker><NextUploadIdMarker>${last?.id}</NextUploadIdMarker>`
    const isMore = all.length > page.length
    const rest = `<IsTruncated>${isMore}</IsTruncated>${isMore ? next : ''}`
    said(response, `<ListMultipartUploadsResult>${rest}${rows.join('')}</ListMultipartUploadsResult>`)
  },
}

type Giving = { readonly asked: Asked; readonly fault: S3Fault | null; readonly response: ServerResponse }

/** Gives what is under a key, as badly as the fault says. */
async function give({ objects }: Store, { asked, fault, response }: Giving): Promise<void> {
  const whole = objects.get(asked.key)
  if (!whole) return refuse(response, 404, 'NoSuchKey')
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(asked.headers.range ?? '') ?? []
  const isPart = from !== undefined && fault !== 'entire'
  const bytes = Buffer.from(isPart ? whole.subarray(Number(from), Number(to) + 1) : whole)
  if (fault === 'flipped') bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 0xff, bytes.length >> 1)
  response.writeHead(isPart ? 206 : 200, {
    'content-length': bytes.length,
    ...(isPart && { 'content-range': `bytes ${from}-${to}/${whole.length}` }),
  })
  if (fault === 'dripping') return drip(bytes, response)
  if (fault !== 'truncated' && fault !== 'stalled') return void response.end(bytes)
  response.write(bytes.subarray(0, bytes.length >> 1), () => {
    if (fault === 'truncated') response.destroy()
  })
}

async function drip(bytes: Buffer, response: ServerResponse): Promise<void> {
  for (const byte of bytes) {
    if (response.destroyed) return
    response.write(Buffer.from([byte]))
    await pause(DRIP_MS)
  }
  response.end()
}

function said(response: ServerResponse, xml: string): void {
  response.writeHead(200, { 'content-type': 'application/xml' }).end(`<?xml version="1.0" encoding="UTF-8"?>${xml}`)
}

/** What a server says may hold what it was sent: here the name of the key. */
function refuse(response: ServerResponse, status: number, code: string): void {
  const { authorization = '' } = response.req.headers
  const words = `<Error><Code>${code}</Code><Message>not for ${authorization}</Message></Error>`
  response.writeHead(status, { 'content-type': 'application/xml' }).end(words)
}
