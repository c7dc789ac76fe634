/** A file that is to be said: what it is shown as, and where it is. */
import { z } from 'zod'

import { text, withoutNul } from './fields.ts'
import { MEDIA_KINDS, type MediaKind } from '../content.ts'
import type { OrgId } from '../ids.ts'
import type { TransferProgress } from '../media.ts'

/** The most base64 that a request carries; what is larger is named by `artifact_id` or `url`. */
const DATA_LETTERS_MOST = 960_000
const URL_LETTERS_MOST = 2_048

/** Where a file may be: of these exactly one. */
export const MEDIA_SOURCES = ['artifact_id', 'url', 'data'] as const
/** Where a reply's file may be. No address: what an agent fetches for a stranger passes the tool gate first. */
export const REPLY_MEDIA_SOURCES = ['artifact_id', 'data'] as const
/** The kinds that phones show a caption with. */
export const CAPTIONED = ['image', 'video', 'gif', 'document'] as const satisfies MediaKind[]

const fields = {
  kind: z.enum(MEDIA_KINDS).meta({ description: 'What phones show it as' }),
  artifact_id: z.string().min(1).max(64).refine(withoutNul).optional(),
  data: z.base64().min(1).max(DATA_LETTERS_MOST).optional(),
  mime: z
    .string()
    .regex(/^[\w.+-]{1,64}\/[\w.+-]{1,64}$/)
    .optional()
    .meta({ description: 'Of a document; what its bytes say decides for all else' }),
  file_name: text(120).optional(),
  caption: text(4_096).optional(),
}
const urlSchema = z
  .url({ protocol: /^https$/ })
  .max(URL_LETTERS_MOST)
  .optional()
  .meta({ description: 'https on a public address, without credentials; fetched by the host, once' })

type Written = { readonly [Name in keyof typeof fields | 'url']?: unknown }

const hasOneSource = (media: Written): boolean => MEDIA_SOURCES.filter(name => media[name] !== undefined).length === 1
const captionsRightly = ({ kind, caption }: Written): boolean =>
  caption === undefined || CAPTIONED.some(captioned => captioned === kind)
const oneOf = (names: readonly string[]) => ({
  message: `give exactly one of ${names.map(name => `"${name}"`).join(', ')}`,
})
const caption = { message: `"caption" goes with ${CAPTIONED.join(', ')}`, path: ['caption'] }

/** A file in the body of send. */
export const sendMediaSchema = z
  .strictObject({ ...fields, url: urlSchema })
  .refine(hasOneSource, oneOf(MEDIA_SOURCES))
  .refine(captionsRightly, caption)

/** A file in what an agent replies. */
export const replyMediaSchema = z
  .strictObject(fields)
  .refine(hasOneSource, oneOf(REPLY_MEDIA_SOURCES))
  .refine(captionsRightly, caption)

/** A file that is to be said, in TypeScript. */
export type MediaWording = z.infer<typeof sendMediaSchema>

/** One step of a file on its way, as `whatsapp.transfers.watch` tells it: about every mebibyte. */
export const transferSchema = z.object({
  account: z.string(),
  message_id: z.string(),
  direction: z.enum(['inbound', 'outbound']),
  done_bytes: z.int().nonnegative(),
  total_bytes: z.int().nonnegative().nullable().meta({ description: 'Null when its sender did not say' }),
})
/** It in TypeScript. */
export type WireTransfer = z.infer<typeof transferSchema>

/** The host's answer to `POST /artifacts`, whose body is the bytes of a file: what it keeps them as. Of at most 100 MiB. */
export const uploadedArtifactSchema = z.object({
  artifact_id: z.string(),
  mime: z.string().nullable().meta({ description: 'What its bytes say that it is; null when they do not' }),
  size: z.int().positive(),
  sha256: z.string().meta({ description: 'In hex' }),
})
/** It in TypeScript. */
export type UploadedArtifact = z.infer<typeof uploadedArtifactSchema>

/** Files that come or go. */
export type TransferOperations = {
  /** How far those have come that come or go now; skips to the newest when the reader is slow. */
  watch(org: OrgId, signal: AbortSignal): AsyncIterable<TransferProgress>
}

/** Files of messages that came in. */
export type FileOperations = {
  /**
   * Has a file fetched though nobody is to answer its message, also when that failed before; resolves half a minute later at the latest.
   * Errors: `not_found` where there is no such message, or no file.
   */
  want(org: OrgId, messageId: string): Promise<void>
}
