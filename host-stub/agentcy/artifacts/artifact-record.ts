import { createHash } from 'node:crypto'

import { ulid } from 'ulid'

import type { Artifact, NewArtifact } from '../../../plugin/contract/artifact.ts'

/** What is kept beside the bytes of an artifact. */
export type ArtifactRecord = Artifact & { readonly createdAt: string }

const ID = /^art_[0-9A-HJKMNP-TV-Z]{26}$/

/** Whether a text can be the id of an artifact: nothing else is ever looked for. */
export const isArtifactId = (text: string): boolean => ID.test(text)

export function newRecord({ source: _source, ...artifact }: NewArtifact): ArtifactRecord {
  return { id: `art_${ulid()}`, ...artifact, createdAt: new Date().toISOString() }
}

/** The name under which a source is remembered. */
export const nameOfSource = (source: string): string => createHash('sha256').update(source).digest('hex')

/** Somebody handed over another file than they said. */
export class OtherFile extends Error {}

/** Passes a file on as it is read. @throws OtherFile in the end, when it was not the one that was announced. */
export async function* verified(
  content: AsyncIterable<Uint8Array>,
  { sizeBytes, sha256 }: Pick<Artifact, 'sizeBytes' | 'sha256'>,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  let length = 0
  for await (const chunk of content) {
    length += chunk.length
    if (length > sizeBytes) throw new OtherFile()
    hash.update(chunk)
    yield chunk
  }
  if (length !== sizeBytes || hash.digest('hex') !== sha256) throw new OtherFile()
}
