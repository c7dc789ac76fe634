/** A file to send: its kind and its source. */
import { z } from 'zod'

import { text, withoutNul } from './fields.ts'
import { MEDIA_KINDS, type MediaKind } from '../content.ts'
import type { OrgId } from '../ids.ts'
import type { TransferProgress } from '../media.ts'

/** The most base64 characters in a request; larger files are given by `artifact_id` or `url`. */
const DATA_LETTERS_MOST = 960_000
const URL_LETTERS_MOST = 2_048

/** The sources of a file. A request contains exactly one of them. */
export const MEDIA_SOURCES = ['artifact_id', 'url', 'data'] as const
/** The sources of a reply's file. No URL: what an agent fetches for a stranger has to pass the tool gate first. */
export const REPLY_MEDIA_SOURCES = ['artifact_id', 'data'] as const
/** The kinds with which phones show a caption. */
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

/** A file in an agent's reply. */
export const replyMediaSchema = z
  .strictObject(fields)
  .refine(hasOneSource, oneOf(REPLY_MEDIA_SOURCES))
  .refine(captionsRightly, caption)

/** A file to send, in TypeScript. */
export type MediaWording = z.infer<typeof sendMediaSchema>

/** The progress of a file transfer, as `whatsapp.transfers.watch` sends it: about once per mebibyte. */
export const transferSchema = z.object({
  account: z.string(),
  message_id: z.string(),
  direction: z.enum(['inbound', 'outbound']),
  done_bytes: z.int().nonnegative(),
  total_bytes: z.int().nonnegative().nullable().meta({ description: 'Null when its sender did not say' }),
})
/** The same in TypeScript. */
export type WireTransfer = z.infer<typeof transferSchema>

/** The host's response to `POST /artifacts`, whose body is the bytes of a file of at most 100 MiB: the stored artifact. */
export const uploadedArtifactSchema = z.object({
  artifact_id: z.string(),
  mime: z.string().nullable().meta({ description: 'What its bytes say that it is; null when they do not' }),
  size: z.int().positive(),
  sha256: z.string().meta({ description: 'In hex' }),
})
/** The same in TypeScript. */
export type UploadedArtifact = z.infer<typeof uploadedArtifactSchema>

/** File transfers. */
export type TransferOperations = {
  /** The progress of the current downloads and uploads; a slow reader skips to the newest. */
  watch(org: OrgId, signal: AbortSignal): AsyncIterable<TransferProgress>
}

/** Files of inbound messages. */
export type FileOperations = {
  /**
   * Downloads a file although nobody is to answer its message, also after an earlier failure; resolves after half a minute at the
   * latest. Errors: `not_found` if there is no such message, or it has no file.
   */
  want(org: OrgId, messageId: string): Promise<void>
}
