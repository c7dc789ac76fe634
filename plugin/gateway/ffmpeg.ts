import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * How the sound of each type is read. It is said to ffmpeg and not left to it: what it finds out by itself may be a list of
 * other files to open.
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
const VOICE = ['-vn', '-map', '0:a:0', '-ac', '1', '-ar', '48000', '-c:a', 'libopus', '-b:a', '32k']

/** Where ffmpeg is; null when it is not on this machine. */
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

/** Makes a voice note of any sound, in Ogg and Opus, as phones do; false when ffmpeg is not there or cannot read it. */
export async function makeVoice(path: string, into: string, mime: string): Promise<boolean> {
  const ffmpeg = ffmpegPath()
  const demuxer = DEMUXERS[mime]
  if (ffmpeg === null || demuxer === undefined) return false
  const input = ['-protocol_whitelist', 'file', '-f', demuxer, '-i', path]
  const limits = ['-fs', String(16 * 2 ** 20), '-threads', '1']
  return runs(ffmpeg, [
    '-hide_banner',
    '-nostdin',
    '-v',
    'quiet',
    '-y',
    ...input,
    ...VOICE,
    ...limits,
    '-f',
    'ogg',
    into,
  ])
}

function runs(command: string, words: string[]): Promise<boolean> {
  return new Promise(resolve => {
    const child = spawn(command, words, {
      stdio: 'ignore',
      env: {},
      timeout: SECONDS_MOST * 1_000,
      killSignal: 'SIGKILL',
    })
    child.once('error', () => resolve(false))
    child.once('exit', code => resolve(code === 0))
  })
}
