import { createCipheriv, createHash } from 'node:crypto'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'

import { ListMultipartUploadsCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'

import { openLocalArtifacts } from '../../host-stub/agentcy/artifacts/local-artifacts.ts'
import { openS3Artifacts } from '../../host-stub/agentcy/artifacts/s3-artifacts.ts'
import type { S3Settings } from '../../host-stub/agentcy/artifacts/s3-settings.ts'
import type { NewArtifact } from '../../plugin/contract/artifact.ts'
import type { Artifacts } from '../../plugin/contract/host.ts'
import { keptLog } from './host.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A place for artifacts, and a way to it that they do not know of. */
export type ArtifactPlace = AsyncDisposable & {
  /** Opens them as a host that starts does. */
  open(): Promise<Artifacts>
  /** The names of all that lies there for an org, also of what is not whole. */
  names(org: string): Promise<string[]>
  /** Puts other bytes in a place. */
  write(org: string, name: string, bytes: Buffer): Promise<void>
}

const PIECE_BYTES = 65_536

/** Bytes that do not repeat, the same for each seed. */
export function madeUp(sizeBytes: number, seed: string): Buffer {
  const key = createHash('md5').update(seed).digest()
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(sizeBytes))
}

/** What is said of a file that is these bytes. */
export function factsOf(bytes: Buffer, source: string): NewArtifact {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { source, sizeBytes: bytes.length, sha256, mime: 'application/pdf', fileName: 'a file.pdf' }
}

/** The bytes as they are read from a disk. */
export function piecesOf(bytes: Buffer): Readable {
  function* pieces(): Generator<Buffer> {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES)
  }
  return Readable.from(pieces(), { objectMode: false })
}

/** What a stream gave, and why it gave no more; null when it had ended well. */
export async function readFully(stream: Readable | null): Promise<{ bytes: Buffer; error: unknown }> {
  const pieces: Uint8Array[] = []
  let error: unknown = null
  try {
    for await (const piece of stream ?? []) pieces.push(piece as Uint8Array)
  } catch (thrown) {
    error = thrown
  }
  return { bytes: Buffer.concat(pieces), error }
}

/** A folder. */
export async function localPlace(): Promise<ArtifactPlace> {
  const folder = await temporaryFolder()
  const placeOf = (org: string): string => join(folder.path, 'artifacts', org)
  return {
    open: () => Promise.resolve(openLocalArtifacts(folder.path)),
    async names(org) {
      const found = await readdir(placeOf(org), { recursive: true, withFileTypes: true }).catch(() => [])
      return found
        .filter(each => each.isFile())
        .map(({ parentPath, name }) => join(parentPath, name).slice(placeOf(org).length + 1))
    },
    write: (org, name, bytes) => writeFile(join(placeOf(org), name), bytes),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

/** Where a server listens, and who we are there. */
export type S3Server = Pick<S3Settings, 'bucket' | 'credentials'> & { readonly endpoint: string }

const PREFIX = 'below/here/'

/** What the artifacts in its bucket are opened with. */
export const settingsOf = ({ endpoint, bucket, credentials }: S3Server): S3Settings => ({
  endpoint,
  bucket,
  credentials,
  prefix: PREFIX,
  pathStyle: true,
  region: 'us-east-1',
})

/** A bucket, which goes with its server. */
export function bucketPlace(server: S3Server & AsyncDisposable): ArtifactPlace {
  const { endpoint, bucket: Bucket, credentials } = server
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    ...(credentials && { credentials }),
  })
  const { log } = keptLog()
  return {
    open: () => Promise.resolve(openS3Artifacts(settingsOf(server), { log }).artifacts),
    async names(org) {
      const asked = { Bucket, Prefix: `${PREFIX}${org}/` }
      const { Contents = [] } = await client.send(new ListObjectsV2Command(asked))
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand(asked))
      return [...Contents, ...Uploads].map(({ Key = '' }) => Key.slice(asked.Prefix.length))
    },
    async write(org, name, bytes) {
      await client.send(new PutObjectCommand({ Bucket, Key: `${PREFIX}${org}/${name}`, Body: bytes }))
    },
    async [Symbol.asyncDispose]() {
      client.destroy()
      await server[Symbol.asyncDispose]()
    },
  }
}
