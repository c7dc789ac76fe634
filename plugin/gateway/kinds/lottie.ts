import type { MediaKind } from '../../contract/content.ts'

/** The type of a sticker that is an animated drawing, by WhatsApp's own name (github.com/devlikeapro/waha/issues/2134). */
export const LOTTIE_TYPE = 'application/was'

/** The type of a fetched file: a sticker that is an archive is an animated one (github.com/devlikeapro/waha/issues/2039). */
export const typeAs = (kind: MediaKind, sniffed: string | null): string | null =>
  kind === 'sticker' && sniffed === 'application/zip' ? LOTTIE_TYPE : sniffed
