import type { MediaKind } from '../../contract/content.ts'

/** A sticker that is drawn as it moves, by WhatsApp's own name (github.com/devlikeapro/waha/issues/2134). */
export const LOTTIE_TYPE = 'application/was'

/** What a fetched file is: an archive that is a sticker is one that moves (github.com/devlikeapro/waha/issues/2039). */
export const typeAs = (kind: MediaKind, sniffed: string | null): string | null =>
  kind === 'sticker' && sniffed === 'application/zip' ? LOTTIE_TYPE : sniffed
