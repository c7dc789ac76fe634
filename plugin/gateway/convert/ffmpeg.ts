import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

import { lowerPriority } from '../../base/lower-priority.ts'

/**
 * The ffmpeg demuxer for each type of sound. It is always named: a format that ffmpeg detects by itself may be a list of other
 * files to open.
 */
const DEMUXERS: Readonly<Record<string, string>> = {
  'audio/aac': 'aac',
  'audio/amr': 'amr',
  'audio/flac': 'flac',
  'audio/mp4': 'mov',
  'audio/mpeg': 'mp3',
  'audio/ogg': 'ogg',
  'audio/wav': 'wav',
}
const SECONDS_MOST = 120
const VOICE_BYTES_MOST = 16 * 2 ** 20
/** A video with more pixels is sent without a picture of its beginning (reliability.md F55 and F56). */
const PIXELS_MOST = 50_000_000
const STILL = ['-an', '-frames:v', '1', '-vf', "scale='min(640,iw)':-2", '-c:v', 'mjpeg']
const VOICE = ['-vn', '-map', '0:a:0', '-ac', '1', '-ar', '48000', '-c:a', 'libopus', '-b:a', '32k']

/** An input file, the path of the output, and the signal that ends the work. */
export type Making = { readonly path: string; readonly into: string; readonly signal: AbortSignal }

/** The path of ffmpeg; null when it is not on this machine. */
function ffmpegPath(): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(folder => folder !== '')
  return folders.map(folder => join(folder, 'ffmpeg')).find(isExecutable) ?? null
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Converts any sound to a voice note, in Ogg and Opus, as phones do; false when ffmpeg is not there or cannot read it. */
export async function makeVoice({ path, into, mime, signal }: Making & { readonly mime: string }): Promise<boolean> {
  const demuxer = DEMUXERS[mime]
  if (demuxer === undefined) return false
  const output = [...VOICE, '-fs', String(VOICE_BYTES_MOST), '-f', 'ogg', into]
  return convert(['-f', demuxer, '-i', path], output, signal)
}

/** Makes a picture of the beginning of a video; false when ffmpeg is not there or cannot read it. */
export function makeStill({ path, into, signal }: Making): Promise<boolean> {
  const input = ['-max_pixels', String(PIXELS_MOST), '-f', 'mov', '-i', path]
  return convert(input, [...STILL, '-f', 'image2', into], signal)
}

async function convert(input: string[], output: string[], signal: AbortSignal): Promise<boolean> {
  const ffmpeg = ffmpegPath()
  if (ffmpeg === null) return false
  const quietly = ['-hide_banner', '-nostdin', '-v', 'quiet', '-y', '-threads', '1', '-protocol_whitelist', 'file']
  return runs(ffmpeg, [...quietly, ...input, ...output], signal)
}

function runs(command: string, words: string[], signal: AbortSignal): Promise<boolean> {
  return new Promise(resolve => {
    const limits = { timeout: SECONDS_MOST * 1_000, killSignal: 'SIGKILL', signal } as const
    const child = spawn(command, words, { stdio: 'ignore', env: {}, ...limits })
    lowerPriority(child)
    child.once('error', () => resolve(false))
    child.once('exit', code => resolve(code === 0))
  })
}
