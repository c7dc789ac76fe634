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

/** How long a server may take before it counts as gone, in milliseconds. */
export type Patience = {
  /** Until it has taken the line. */
  readonly connectMs: number
  /** Until it answers one try of a request, a part of a file included. */
  readonly answerMs: number
  /** Until an answer that has begun goes on. */
  readonly silenceMs: number
  /** Until a small thing is read or written, with all tries and the whole answer. */
  readonly smallMs: number
  /** Until a whole file is written. */
  readonly fileMs: number
}

/** A line that takes longer, for 8 MiB or for 100 MiB, is of no use. */
export const PATIENCE: Patience = {
  connectMs: 5_000,
  answerMs: 60_000,
  silenceMs: 30_000,
  smallMs: 120_000,
  fileMs: 900_000,
}

/** A file of which some parts have arrived, and which was neither completed nor given up. */
export type HalfUpload = { readonly key: string; readonly id: string; readonly begunAt: number }

const TRIES_MOST = 4
/** A stop of the host waits for it. What is not given up by then is removed a day later. */
const GIVE_UP_MS = 5_000
const PART_BYTES = 8 * 2 ** 20
const PARTS_AT_A_TIME = 2

/** A bucket. Nothing that is asked of it waits for ever; what fails says why with a code, and never with what was sent. */
// Not called Bucket: TypeScript 7.0.2 may write the name of a class that its own methods use as a key into another one.
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
      // Other makers' servers refuse a stream with a checksum at its end. What is sent is signed by its hash, and what comes is hashed here.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      // Not every server answers it, and then each part would wait in vain.
      expectContinueHeader: false,
      requestHandler: {
        connectionTimeout: patience.connectMs,
        requestTimeout: patience.answerMs,
        throwOnRequestTimeout: true,
      },
    })
  }

  /** Null when there is nothing under that key. */
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

  /** The size of what is under that key; null when nothing is. */
  sizeOf(key: string): Promise<number | null> {
    const command = new HeadObjectCommand({ Bucket: this.#name, Key: key })
    return this.#within('look', this.#patience.smallMs, async ({ signal }) => {
      const found = await unlessMissing(this.#client.send(command, { abortSignal: signal }))
      return found?.ContentLength ?? null
    })
  }

  /** The last parts of the first two keys that begin so. */
  async firstIn(prefix: string): Promise<string[]> {
    const command = new ListObjectsV2Command({ Bucket: this.#name, Prefix: prefix, MaxKeys: 2 })
    const { Contents = [] } = await this.#within('list', this.#patience.smallMs, ({ signal }) =>
      this.#client.send(command, { abortSignal: signal }),
    )
    return Contents.map(({ Key = '' }) => Key.slice(prefix.length))
  }

  /** How many bytes all keys have that begin so. */
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

  /** Nothing happens when nothing is under that key. */
  async remove(key: string): Promise<void> {
    const command = new DeleteObjectCommand({ Bucket: this.#name, Key: key })
    await this.#within('remove', this.#patience.smallMs, ({ signal }) =>
      unlessMissing(this.#client.send(command, { abortSignal: signal })),
    )
  }

  /** Writes a file, in parts when it is large. One that cannot be read to its end, or written, is given up. */
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

  /** What is under that key, as it comes. The stream fails when the server falls silent. */
  openFile(key: string, range: ByteRange | null): Promise<Readable> {
    const part = range && { Range: `bytes=${range.start}-${range.end}` }
    const command = new GetObjectCommand({ Bucket: this.#name, Key: key, ...part })
    return this.#within('read', this.#patience.smallMs, async ({ signal }) => {
      const { Body } = await this.#client.send(command, { abortSignal: signal })
      if (!(Body instanceof Readable)) throw new BucketFailure('no_body')
      return patient(Body, this.#patience.silenceMs)
    })
  }

  /** What was begun below a prefix and is there half. */
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

  /** Ends all that is under way, and begins nothing more. */
  close(): void {
    this.#closed = true
    for (const controller of this.#running) controller.abort()
  }

  /** Runs what ends when its time is over, or ours. */
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

/** The same client; what an upload asks of it ends with the upload, and giving the upload up has a moment more. */
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

/** Where the next page of a list begins; null after the last one. */
function pageAfter({ IsTruncated, NextKeyMarker, NextUploadIdMarker }: ListMultipartUploadsCommandOutput): {
  KeyMarker?: string
  UploadIdMarker?: string
} | null {
  if (IsTruncated !== true || !NextKeyMarker) return null
  return { KeyMarker: NextKeyMarker, ...(NextUploadIdMarker && { UploadIdMarker: NextUploadIdMarker }) }
}

/** The same bytes, until the server is silent for too long while it is waited for. Their reader may take its time. */
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
  // The reader of the stream is told what goes wrong.
  pipeline(body, timed, stream, () => undefined)
  return stream
}
