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

export const artifactOf = ({ createdAt: _createdAt, ...artifact }: ArtifactRecord): Artifact => artifact

/** The record that was written as this text. @throws when it is none; the text is not part of what is said then. */
export function recordFrom(text: string): ArtifactRecord {
  try {
    return JSON.parse(text) as ArtifactRecord
  } catch {
    throw new Error('the record of an artifact cannot be read')
  }
}

/** The name under which a source is remembered. */
export const nameOfSource = (source: string): string => createHash('sha256').update(source).digest('hex')
