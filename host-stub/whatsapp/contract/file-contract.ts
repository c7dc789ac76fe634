import { z } from 'zod'
import { remarks } from './remarks-contract.ts'
import { fileKinds, type FileKind } from '../media/file-message.ts'

const name = z.string().min(1).max(64)
const addressedBy = z.enum(['lid', 'pn'])

/** How the pieces of an album are written: in a wrapper, as current clients do, or like any other file. */
export const pieceForms = ['wrapped', 'bare'] as const
export type PieceForm = (typeof pieceForms)[number]

/** A file that a phone sends into a chat. */
export const fileRequest = {
  name,
  kind: z.enum(Object.keys(fileKinds) as [FileKind, ...FileKind[]]),
  mime: z.string(),
  /** Base64; if missing, `size_bytes` bytes are generated from the seed. */
  data: z.base64().optional(),
  size_bytes: z.int().min(0).default(0),
  seed: z.string().default('seed'),
  caption: z.string().optional(),
  file_name: z.string().optional(),
  ...remarks,
  addressed_by: addressedBy.optional(),
  /** The album that it belongs to, by the id of the announcing message, which is sent before or after. */
  album: z.string().min(1).max(64).optional(),
  piece_form: z.enum(pieceForms).default('wrapped'),
  /** A protobuf `Message`, base64, whose fields replace the true ones. */
  lies: z.base64().optional(),
}

/** Announces an album of pictures and videos, each of which is a message of its own. */
export const albumRequest = {
  name,
  images: z.int().min(0).max(1_000).default(0),
  videos: z.int().min(0).max(1_000).default(0),
  ...remarks,
  addressed_by: addressedBy.optional(),
  /** The id of the album, if its pieces were sent before it. */
  id: z.string().min(1).max(64).optional(),
}
