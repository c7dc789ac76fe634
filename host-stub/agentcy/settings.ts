import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { checkFile } from './private-folder.ts'

/** Invalid settings, with a sentence for a person. The current settings stay in force. */
export class BadSettings extends Error {
  constructor(sentence: string) {
    super(sentence)
    this.name = 'BadSettings'
  }
}

async function textOf(file: string): Promise<string> {
  checkFile(file)
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '{}'
    throw new BadSettings(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'it failed'}.`)
  }
}

function parse(text: string, file: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // The error is thrown below; the cause makes no difference to the person who has to correct the file.
  }
  throw new BadSettings(`${file} is not one JSON object.`)
}

/**
 * Reads the operator's settings for one plugin from `settings.json` below the home folder; `{}` if there are none. The file is read
 * at each call. The plugin validates its settings.
 * @throws BadSettings if the file cannot be read.
 */
export async function readSettings(home: string, plugin: string): Promise<unknown> {
  const file = join(home, 'settings.json')
  return parse(await textOf(file), file)[plugin] ?? {}
}
