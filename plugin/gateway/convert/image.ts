import sharp from 'sharp'

/** What a message says of a picture, besides its bytes. */
export type Picture = {
  readonly width: number
  readonly height: number
  /** A small JPEG that is shown until the file is downloaded; null when none could be made. */
  readonly jpegThumbnail: Uint8Array | null
}

/** A picture with more pixels is sent as it is, but never decoded here (reliability.md F55 and F56). */
const PIXELS_MOST = 50_000_000
const SECONDS_MOST = 10
const THUMBNAIL = { width: 72, height: 72, fit: 'inside', withoutEnlargement: true } as const
/** The side of a sticker, which is square, and the maximum number of its frames: a small picture may have millions. */
const STICKER_SIDE = 512
const STICKER_PAGES_MOST = 300

// Nothing is cached between two pictures, and they leave a core to the messages.
sharp.cache(false)
sharp.concurrency(1)

const opened = (path: string, animated = false) =>
  sharp(path, { limitInputPixels: PIXELS_MOST, animated, failOn: 'error' }).timeout({ seconds: SECONDS_MOST })

/** The description of a picture; null when the file cannot be read as one. */
export async function pictureOf(path: string): Promise<Picture | null> {
  try {
    const { autoOrient } = await sharp(path, { limitInputPixels: false }).metadata()
    const jpegThumbnail = await opened(path)
      .autoOrient()
      .resize(THUMBNAIL)
      .jpeg({ quality: 50 })
      .toBuffer()
      .catch(() => null)
    return { ...autoOrient, jpegThumbnail }
  } catch {
    return null
  }
}

/** Makes a sticker from a whole picture, with transparent margins; false when that fails. */
export async function makeSticker(path: string, into: string): Promise<boolean> {
  if ((await pagesOf(path)) > STICKER_PAGES_MOST) return false
  const size = { width: STICKER_SIDE, height: STICKER_SIDE, fit: 'contain', background: '#00000000' } as const
  return opened(path, true)
    .resize(size)
    .webp({ quality: 80 })
    .toFile(into)
    .then(
      () => true,
      () => false,
    )
}

/** Whether a sticker is animated. */
export const isAnimated = async (path: string): Promise<boolean> => (await pagesOf(path)) > 1

/** The number of frames in a file; 0 when it cannot be read. */
const pagesOf = (path: string): Promise<number> =>
  sharp(path, { limitInputPixels: false })
    .metadata()
    .then(
      ({ pages = 1 }) => pages,
      () => 0,
    )
