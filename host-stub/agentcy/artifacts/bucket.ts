import { PassThrough, pipeline, Readable } from 'node:stream'

import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type ListMultipartUploadsCommandOutput,
  type ListObjectsV2CommandOutput,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'

import type { ByteRange, Log } from '../../../plugin/contract/host.ts'
import { BucketFailure, failureOf, isMissing, marked } from './bucket-failure.ts'
import type { S3Settings } from './s3-settings.ts'

/** Timeouts for a server, in milliseconds. */
export type Patience = {
  /** To connect. */
  readonly connectMs: number
  /** For the answer to one attempt of a request, including one part of a file. */
  readonly answerMs: number
  /** Between two pieces of an answer. */
  readonly silenceMs: number
  /** To read or write a small object, including all attempts and the whole answer. */
  readonly smallMs: number
  /** To write a whole file. */
  readonly fileMs: number
}

/** A connection that needs longer for a part of 8 MiB, or for a file of 100 MiB, is too slow to be of use. */
export const PATIENCE: Patience = {
  connectMs: 5_000,
  answerMs: 60_000,
  silenceMs: 30_000,
  smallMs: 120_000,
  fileMs: 900_000,
}

/** A multipart upload that was neither completed nor aborted. */
export type HalfUpload = { readonly key: string; readonly id: string; readonly begunAt: number }

const TRIES_MOST = 4
/** The time to abort an upload; a stopping host waits for it. An upload that is not aborted in time is removed a day later. */
const GIVE_UP_MS = 5_000
const PART_BYTES = 8 * 2 ** 20
const PARTS_AT_A_TIME = 2

/** An S3 bucket. Every operation has a timeout. Errors contain a code and never what was sent. */
// Not named Bucket: TypeScript 7.0.2 may write the name of a class that its own methods use as a key into another one.
export class S3Bucket {
  readonly #client: S3Client
  readonly #name: string
  readonly #patience: Patience
  readonly #log: Log
  readonly #running = new Set<AbortController>()
  #closed = false

  constructor(settings: S3Settings, { patience, log }: { readonly patience: Patience; readonly log: Log }) {
    const { bucket, endpoint, pathStyle, region, credentials } = settings
    this.#name = bucket
    this.#patience = patience
    this.#log = log
    this.#client = new S3Client({
      forcePathStyle: pathStyle,
      ...(endpoint !== null && { endpoint }),
      region,
      ...(credentials && { credentials }),
      maxAttempts: TRIES_MOST,
      // Servers of other vendors reject a stream with a trailing checksum. Requests are signed with the hash of their content, and
      // downloads are hashed by us.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      // Not every server answers `Expect: 100-continue`; each part would then wait until a timeout.
      expectContinueHeader: false,
      requestHandler: {
        connectionTimeout: patience.connectMs,
        requestTimeout: patience.answerMs,
        throwOnRequestTimeout: true,
      },
    })
  }

  /** The text under a key; null if the key does not exist. */
  readText(key: string): Promise<string | null> {
    const command = new GetObjectCommand({ Bucket: this.#name, Key: key })
    return this.#within('read', this.#patience.smallMs, async ({ signal }) => {
      const got = await unlessMissing(this.#client.send(command, { abortSignal: signal }))
      return got && ((await got.Body?.transformToString()) ?? '')
    })
  }

  async writeText(key: string, text: string): Promise<void> {
    const command = new PutObjectCommand({ Bucket: this.#name, Key: key, Body: Buffer.from(text) })
    await this.#within('write', this.#patience.smallMs, ({ signal }) =>
      this.#client.send(command, { abortSignal: signal }),
    )
  }

  /** The size of the object under a key; null if the key does not exist. */
  sizeOf(key: string): Promise<number | null> {
    const command = new HeadObjectCommand({ Bucket: this.#name, Key: key })
    return this.#within('look', this.#patience.smallMs, async ({ signal }) => {
      const found = await unlessMissing(this.#client.send(command, { abortSignal: signal }))
      return found?.ContentLength ?? null
    })
  }

  /** The first two keys with the prefix, without the prefix. */
  async firstIn(prefix: string): Promise<string[]> {
    const command = new ListObjectsV2Command({ Bucket: this.#name, Prefix: prefix, MaxKeys: 2 })
    const { Contents = [] } = await this.#within('list', this.#patience.smallMs, ({ signal }) =>
      this.#client.send(command, { abortSignal: signal }),
    )
    return Contents.map(({ Key = '' }) => Key.slice(prefix.length))
  }

  /** The total size of all keys with the prefix. */
  async sizeBelow(prefix: string): Promise<number> {
    let bytes = 0
    let from: string | undefined
    do {
      const page: ListObjectsV2CommandOutput = await this.#pageOf(prefix, from)
      bytes += (page.Contents ?? []).reduce((sum, { Size = 0 }) => sum + Size, 0)
      from = page.NextContinuationToken
    } while (from !== undefined)
    return bytes
  }

  #pageOf(prefix: string, from: string | undefined): Promise<ListObjectsV2CommandOutput> {
    const command = new ListObjectsV2Command({ Bucket: this.#name, Prefix: prefix, ContinuationToken: from })
    return this.#within('list', this.#patience.smallMs, ({ signal }) =>
      this.#client.send(command, { abortSignal: signal }),
    )
  }

  /** Deletes a key. Does nothing if the key does not exist. */
  async remove(key: string): Promise<void> {
    const command = new DeleteObjectCommand({ Bucket: this.#name, Key: key })
    await this.#within('remove', this.#patience.smallMs, ({ signal }) =>
      unlessMissing(this.#client.send(command, { abortSignal: signal })),
    )
  }

  /** Writes a file, in parts if it is large. Aborts the upload if the content cannot be read completely or cannot be written. */
  async writeFile(key: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const body = Readable.from(marked(content))
    await this.#within('write', this.#patience.fileMs, controller =>
      new Upload({
        client: endingWith(this.#client, controller.signal),
        params: { Bucket: this.#name, Key: key, Body: body },
        partSize: PART_BYTES,
        queueSize: PARTS_AT_A_TIME,
        leavePartsOnError: false,
        abortController: controller,
      }).done(),
    ).finally(() => body.destroy())
  }

  /** Streams the object under a key. The stream fails if the server sends nothing for too long. */
  openFile(key: string, range: ByteRange | null): Promise<Readable> {
    const part = range && { Range: `bytes=${range.start}-${range.end}` }
    const command = new GetObjectCommand({ Bucket: this.#name, Key: key, ...part })
    return this.#within('read', this.#patience.smallMs, async ({ signal }) => {
      const { Body } = await this.#client.send(command, { abortSignal: signal })
      if (!(Body instanceof Readable)) throw new BucketFailure('no_body')
      return patient(Body, this.#patience.silenceMs)
    })
  }

  /** The incomplete uploads below a prefix. */
  async *halfUploads(prefix: string): AsyncGenerator<HalfUpload> {
    let from: ReturnType<typeof pageAfter> = {}
    while (from) {
      const command: ListMultipartUploadsCommand = new ListMultipartUploadsCommand({
        Bucket: this.#name,
        Prefix: prefix,
        ...from,
      })
      const page = await this.#within('list', this.#patience.smallMs, ({ signal }) =>
        this.#client.send(command, { abortSignal: signal }),
      )
      for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
        if (Key && UploadId && Initiated) yield { key: Key, id: UploadId, begunAt: Initiated.getTime() }
      }
      from = pageAfter(page)
    }
  }

  async giveUp({ key, id }: HalfUpload): Promise<void> {
    const command = new AbortMultipartUploadCommand({ Bucket: this.#name, Key: key, UploadId: id })
    await this.#within('give_up', this.#patience.smallMs, ({ signal }) =>
      this.#client.send(command, { abortSignal: signal }),
    )
  }

  /** Aborts all running operations and rejects new ones. */
  close(): void {
    this.#closed = true
    for (const controller of this.#running) controller.abort()
  }

  /** Runs an operation that is aborted at its timeout or when the bucket is closed. */
  async #within<Result>(
    operation: string,
    limitMs: number,
    work: (controller: AbortController) => Promise<Result>,
  ): Promise<Result> {
    if (this.#closed) throw new BucketFailure('stopping')
    const controller = new AbortController()
    const timer = setTimeout(() => controller.abort(), limitMs)
    this.#running.add(controller)
    try {
      return await work(controller)
    } catch (error) {
      const failure = controller.signal.aborted
        ? new BucketFailure(this.#closed ? 'stopping' : 'overdue')
        : failureOf(error)
      if (failure instanceof BucketFailure) this.#log.warn({ operation, code: failure.code }, 'bucket.failed')
      throw failure
    } finally {
      clearTimeout(timer)
      this.#running.delete(controller)
    }
  }
}

/**
 * The same client for one upload: its requests are aborted together with the upload, but the request that aborts the upload gets
 * some more time.
 */
function endingWith(client: S3Client, signal: AbortSignal): S3Client {
  const send = (command: Parameters<S3Client['send']>[0]): Promise<unknown> => {
    const isLast = command instanceof AbortMultipartUploadCommand
    return client.send(command, { abortSignal: isLast ? AbortSignal.timeout(GIVE_UP_MS) : signal })
  }
  return Object.create(client, { send: { value: send } }) as S3Client
}

async function unlessMissing<Found>(found: Promise<Found>): Promise<Found | null> {
  try {
    return await found
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** The markers of the next page of a list; null after the last page. */
function pageAfter({ IsTruncated, NextKeyMarker, NextUploadIdMarker }: ListMultipartUploadsCommandOutput): {
  KeyMarker?: string
  UploadIdMarker?: string
} | null {
  if (IsTruncated !== true || !NextKeyMarker) return null
  return { KeyMarker: NextKeyMarker, ...(NextUploadIdMarker && { UploadIdMarker: NextUploadIdMarker }) }
}

/**
 * Passes the bytes on, and fails if the server sends nothing for too long while the reader waits for it. The reader itself may be
 * slow.
 */
function patient(body: Readable, limitMs: number): Readable {
  const wait = (): NodeJS.Timeout => setTimeout(() => body.destroy(new BucketFailure('silent')), limitMs)
  async function* timed(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let timer = wait()
    try {
      for await (const chunk of chunks) {
        clearTimeout(timer)
        yield chunk
        timer = wait()
      }
    } finally {
      clearTimeout(timer)
    }
  }
  const stream = new PassThrough()
  // The reader of the stream gets the error.
  pipeline(body, timed, stream, () => undefined)
  return stream
}
