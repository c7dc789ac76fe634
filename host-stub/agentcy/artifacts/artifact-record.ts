import { createHash } from 'node:crypto'

import { ulid } from 'ulid'

import type { Artifact, NewArtifact } from '../../../plugin/contract/artifact.ts'

/** The metadata of an artifact, stored beside its bytes. */
export type ArtifactRecord = Artifact & { readonly createdAt: string }

const ID = /^art_[0-9A-HJKMNP-TV-Z]{26}$/

/** Whether a text is a well-formed artifact id; other texts are never looked up. */
export const isArtifactId = (text: string): boolean => ID.test(text)

export function newRecord({ source: _source, ...artifact }: NewArtifact): ArtifactRecord {
  return { id: `art_${ulid()}`, ...artifact, createdAt: new Date().toISOString() }
}

export const artifactOf = ({ createdAt: _createdAt, ...artifact }: ArtifactRecord): Artifact => artifact

/** Parses a record. @throws an error without the text if it is not valid JSON. */
export function recordFrom(text: string): ArtifactRecord {
  try {
    return JSON.parse(text) as ArtifactRecord
  } catch {
    throw new Error('the record of an artifact cannot be read')
  }
}

/** The file name that stands for a source. */
export const nameOfSource = (source: string): string => createHash('sha256').update(source).digest('hex')
