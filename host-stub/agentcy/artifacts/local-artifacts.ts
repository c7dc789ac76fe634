import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'

import type { Artifacts } from '../../../plugin/contract/host.ts'
import { keptOn } from './kept-artifacts.ts'
import { MOST_BYTES_OF_ORG } from './quotas.ts'
import type { OrgFiles } from './org-files.ts'

/** Stores artifacts in a folder. Every file is complete: it is flushed before it gets its final name. */
export function openLocalArtifacts(home: string, mostBytes = MOST_BYTES_OF_ORG): Artifacts {
  removeDrafts(join(home, 'artifacts'))
  return keptOn(org => shelfIn(join(home, 'artifacts', org)), mostBytes)
}

/** Deletes files that an earlier host was writing when it ended. */
function removeDrafts(folder: string): void {
  if (!existsSync(folder)) return
  for (const org of readdirSync(folder)) rmSync(join(folder, org, 'drafts'), { recursive: true, force: true })
}

function shelfIn(folder: string): OrgFiles {
  const pathOf = (name: string): string => join(folder, name)
  return {
    readText: name => readText(pathOf(name)),
    writeText: (name, text) => write(folder, name, [text]),
    holds: (name, sizeBytes) =>
      stat(pathOf(name)).then(
        ({ size }) => size === sizeBytes,
        () => false,
      ),
    writeBytes: (name, content) => write(folder, name, content),
    list: name => list(pathOf(name)),
    sizeOf: folder => sizeIn(pathOf(folder)),
    remove: name => remove(pathOf(name)),
    openBytes: async (name, range) => (await open(pathOf(name))).createReadStream(range ?? {}),
  }
}

/** Writes a file that gets its name only when it is complete and on the disk. */
async function write(
  folder: string,
  name: string,
  content: AsyncIterable<Uint8Array> | Iterable<string>,
): Promise<void> {
  const path = join(folder, name)
  const drafts = join(folder, 'drafts')
  for (const needed of [dirname(path), drafts]) await mkdir(needed, { recursive: true, mode: 0o700 })
  const draft = join(drafts, randomBytes(8).toString('hex'))
  // Opened first: a write stream that is destroyed while it opens its file would still create the file.
  const file = await open(draft, 'wx', 0o600)
  try {
    await pipeline(content, file.createWriteStream({ flush: true }))
    await rename(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
  const named = await open(dirname(path))
  await named.sync().finally(() => void named.close())
}

async function list(path: string): Promise<string[]> {
  try {
    return await readdir(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

async function sizeIn(folder: string): Promise<number> {
  let bytes = 0
  for (const name of await list(folder)) bytes += (await stat(join(folder, name))).size
  return bytes
}

async function remove(path: string): Promise<void> {
  await rm(path, { force: true })
  const folder = await open(dirname(path)).catch(() => null)
  await folder?.sync().finally(() => void folder.close())
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
