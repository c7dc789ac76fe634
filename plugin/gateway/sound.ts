import { createReadStream } from 'node:fs'
import { setImmediate as breathe } from 'node:timers/promises'
import { parseFile } from 'music-metadata'
import { OggOpusDecoder } from 'ogg-opus-decoder'

/** Sound in the one form that phones play as a voice note. */
export const VOICE_TYPE = 'audio/ogg; codecs=opus'

/** Phones draw a voice note with so many bars, each from 0 to 100 (as Baileys draws them). */
const BARS = 64
const LOUDEST = 100
/** About a second of speech, so that nobody waits for the decoder. */
const CHUNK_BYTES = 4_096
/** Loudness is taken in windows of so many samples: a fiftieth of a second. */
const WINDOW_SAMPLES = 960

/** How long a file plays, in whole seconds; null when it does not say. */
export async function secondsOf(path: string): Promise<number | null> {
  const read = await parseFile(path, { duration: true, skipCovers: true }).catch(() => null)
  const seconds = read?.format.duration
  return seconds === undefined ? null : Math.max(1, Math.round(seconds))
}

/** The bars of a voice note; null when it cannot be decoded. */
export async function waveformOf(path: string): Promise<Uint8Array | null> {
  const decoder = new OggOpusDecoder()
  try {
    await decoder.ready
    const loudness = new Loudness()
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
      loudness.hear(await decoded(decoder.decode(chunk)))
      await breathe()
    }
    loudness.hear(await decoded(decoder.flush()))
    return loudness.bars()
  } catch {
    return null
  } finally {
    free(decoder)
  }
}

type Decoded = ReturnType<OggOpusDecoder['decode']>

/** Its types say that it decodes at once; it does not. */
async function decoded(sound: Decoded | Promise<Decoded>): Promise<Float32Array | undefined> {
  const { channelData } = await sound
  return channelData[0]
}

function free(decoder: OggOpusDecoder): void {
  try {
    decoder.free()
  } catch {
    // It has never begun.
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

  /** Null when nothing was heard. */
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
