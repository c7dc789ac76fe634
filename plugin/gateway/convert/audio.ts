import { parseFile } from 'music-metadata'
import { OggOpusDecoder } from 'ogg-opus-decoder'

import { readPieces } from '../../files/read-file.ts'
import { isCrowded, pagesOf, samplesIn } from './ogg-pages.ts'

/** The number of bars that phones draw for a voice note, each from 0 to 100 (as Baileys draws them). */
const BARS = 64
const LOUDEST = 100
/** Loudness is measured in windows of this many samples: a fiftieth of a second. */
const WINDOW_SAMPLES = 960

/** How much of a sound is decoded for its bars. `spentMs`: how long the decoder has worked so far. */
export type Hearing = { readonly samplesMost: number; readonly isOver: (spentMs: number) => boolean }
/** The first ten minutes, or as much as two seconds of work decode. */
export const HEARING: Hearing = { samplesMost: 10 * 60 * 48_000, isOver: spentMs => spentMs > 2_000 }

/** The duration of a file, in whole seconds; null when the file does not state it. */
export async function secondsOf(path: string): Promise<number | null> {
  const read = await parseFile(path, { duration: true, skipCovers: true }).catch(() => null)
  const seconds = read?.format.duration
  return seconds === undefined ? null : Math.max(1, Math.round(seconds))
}

/** The bars of a voice note, or of its beginning if it is too long; null when it cannot be decoded. */
export async function waveformOf(path: string, hearing: Hearing = HEARING): Promise<Uint8Array | null> {
  const decoder = new OggOpusDecoder()
  try {
    await decoder.ready
    const loudness = new Loudness()
    await hear({ decoder, loudness, hearing }, readPieces(path))
    loudness.hear(await decoded(decoder.flush()))
    return loudness.bars()
  } catch {
    return null
  } finally {
    free(decoder)
  }
}

type Heard = { readonly decoder: OggOpusDecoder; readonly loudness: Loudness; readonly hearing: Hearing }

/**
 * The number of samples in a page is known before it is decoded. The decoded size depends on the sound's duration, not on its
 * bytes.
 */
async function hear({ decoder, loudness, hearing }: Heard, stream: AsyncIterable<Buffer>): Promise<void> {
  let [samples, spentMs] = [0, 0]
  for await (const { bytes, packets } of pagesOf(stream)) {
    if (packets.some(isCrowded)) throw new Error('more channels than a voice note has')
    samples += packets.reduce((sum, packet) => sum + samplesIn(packet), 0)
    if (samples > hearing.samplesMost || hearing.isOver(spentMs)) return
    const begun = performance.now()
    loudness.hear(await decoded(decoder.decode(bytes)))
    spentMs += performance.now() - begun
  }
}

type Decoded = ReturnType<OggOpusDecoder['decode']>

/** Its types claim that it decodes synchronously; it does not. */
async function decoded(sound: Decoded | Promise<Decoded>): Promise<Float32Array | undefined> {
  const { channelData } = await sound
  return channelData[0]
}

function free(decoder: OggOpusDecoder): void {
  try {
    decoder.free()
  } catch {
    // The decoder has never started.
  }
}

class Loudness {
  readonly #windows: number[] = []
  #sum = 0
  #samples = 0

  hear(samples: Float32Array | undefined): void {
    for (const sample of samples ?? []) {
      this.#sum += Math.abs(sample)
      this.#samples += 1
      if (this.#samples === WINDOW_SAMPLES) this.#close()
    }
  }

  /** Null when there were no samples. */
  bars(): Uint8Array | null {
    if (this.#samples > 0) this.#close()
    const windows = this.#windows
    if (windows.length === 0) return null
    const means = Array.from({ length: BARS }, (_, bar) => {
      const from = Math.floor((bar * windows.length) / BARS)
      const part = windows.slice(from, Math.max(from + 1, Math.floor(((bar + 1) * windows.length) / BARS)))
      return part.reduce((sum, window) => sum + window, 0) / part.length
    })
    const most = Math.max(...means)
    return Uint8Array.from(means, mean => (most === 0 ? 0 : Math.round((mean / most) * LOUDEST)))
  }

  #close(): void {
    this.#windows.push(this.#sum / this.#samples)
    this.#sum = 0
    this.#samples = 0
  }
}
