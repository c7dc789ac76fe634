import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { checkFile } from './home.ts'

/** Settings that cannot be used: a sentence for a person; those in force stay in force. */
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
    // Said below: it makes no difference to the person who has to correct the file.
  }
  throw new BadSettings(`${file} is not one JSON object.`)
}

/**
 * What the operator wrote for one plugin in `settings.json` below the home folder, read again; `{}` when there is nothing.
 * The plugin checks what it says.
 * @throws BadSettings when it cannot be read.
 */
export async function readSettings(home: string, plugin: string): Promise<unknown> {
  const file = join(home, 'settings.json')
  return parse(await textOf(file), file)[plugin] ?? {}
}
