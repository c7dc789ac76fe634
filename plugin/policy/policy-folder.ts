import { createHash, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import type { OrgId } from '../contract/ids.ts'
import { ensurePrivateFolder } from '../files/private-path.ts'
import type { PolicySource } from './compiler/compiler.ts'

/** The files of an org: sources, and bundles that were compiled elsewhere. */
export type PolicyFiles = {
  readonly sources: readonly PolicySource[]
  readonly bundles: readonly { readonly name: string; readonly bytes: Uint8Array }[]
}

/** A module. Its name is derived from what it was made of. */
export type NamedModule = { readonly name: string; readonly bytes: Uint8Array }

/** Why the folder cannot be read or written, as a sentence for a person. */
export class FolderRefused extends Error {}

const NAME = /^([A-Za-z0-9_-]{1,64})\.(rego|tar\.gz)$/
const COMPILED = '.compiled'
const SUSPENDED = '.suspended'
const MOST_BYTES = 16 * 1_048_576
const PRIVATE = { recursive: true, mode: 0o700 } as const

async function readWhole(file: string): Promise<Buffer> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const { size } = await handle.stat()
    if (size > MOST_BYTES) throw new FolderRefused(`${file} is larger than 16 MiB.`)
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}

/** Writes a file so that after a crash it is on the disk as a whole, or not at all. */
async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  const handle = await open(draft, 'wx', 0o600)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(draft, file)
  await flushFolder(dirname(file))
}

async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * The folder name of an org: the org, followed by a hash if the org contains capital letters. Names that differ
 * only in case would be the same folder on some file systems.
 */
export function folderNameOf(org: OrgId): string {
  if (org === org.toLowerCase()) return org
  return `${org}.${createHash('sha256').update(org).digest('hex').slice(0, 8)}`
}

/** The folder of an org's policies, and of the modules that were last compiled from them. */
export class PolicyFolder {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** Creates the folder with these sources, all of them or none. An existing folder is not changed. */
  async begin(first: readonly PolicySource[]): Promise<void> {
    const above = dirname(this.#path)
    const fault = ensurePrivateFolder(above)
    if (fault) throw new FolderRefused(fault)
    const name = this.#path.slice(above.length + 1)
    if (!(await readdir(above)).includes(name)) await this.#seed(first)
    const own = ensurePrivateFolder(this.#path)
    if (own) throw new FolderRefused(own)
  }

  async read(): Promise<PolicyFiles> {
    const sources: PolicySource[] = []
    const bundles: { name: string; bytes: Uint8Array }[] = []
    for (const entry of (await readdir(this.#path)).toSorted()) {
      const [, name, kind] = NAME.exec(entry) ?? []
      if (name === undefined) continue
      const bytes = await readWhole(join(this.#path, entry))
      if (kind === 'rego') sources.push({ name, source: bytes.toString('utf8') })
      else bundles.push({ name, bytes })
    }
    return { sources, bundles }
  }

  write({ name, source }: PolicySource): Promise<void> {
    return writeWhole(join(this.#path, `${name}.rego`), source)
  }

  async remove(name: string): Promise<void> {
    for (const kind of ['rego', 'tar.gz']) await rm(join(this.#path, `${name}.${kind}`), { force: true })
    await flushFolder(this.#path)
  }

  /** The modules that were stored last. */
  async kept(): Promise<NamedModule[]> {
    const folder = join(this.#path, COMPILED)
    const [set] = (await readdir(folder).catch(() => [])).filter(name => !name.startsWith('.'))
    if (set === undefined) return []
    const files = await readdir(join(folder, set))
    return Promise.all(
      files
        .toSorted()
        .map(async file => ({ name: file.slice(5, -5), bytes: await readWhole(join(folder, set, file)) })),
    )
  }

  /** Stores these modules in place of the previous ones, all of them or none. */
  async keep(modules: readonly NamedModule[]): Promise<void> {
    const compiled = join(this.#path, COMPILED)
    const draft = join(compiled, `.${randomBytes(6).toString('hex')}`)
    await mkdir(draft, PRIVATE)
    for (const [index, { name, bytes }] of modules.entries()) {
      await writeWhole(join(draft, `${String(index).padStart(4, '0')}-${name}.wasm`), bytes)
    }
    const before = await readdir(compiled)
    await rename(draft, join(compiled, randomBytes(6).toString('hex')))
    await flushFolder(compiled)
    for (const name of before) await rm(join(compiled, name), { recursive: true, force: true })
  }

  /** The name of the set that was suspended; null when none is. */
  async suspended(): Promise<string | null> {
    return readWhole(join(this.#path, SUSPENDED)).then(
      bytes => bytes.toString('utf8'),
      () => null,
    )
  }

  suspend(set: string): Promise<void> {
    return writeWhole(join(this.#path, SUSPENDED), set)
  }

  resume(): Promise<void> {
    return rm(join(this.#path, SUSPENDED), { force: true })
  }

  async #seed(first: readonly PolicySource[]): Promise<void> {
    const draft = join(dirname(this.#path), `.${randomBytes(6).toString('hex')}`)
    await mkdir(draft, PRIVATE)
    for (const { name, source } of first) await writeWhole(join(draft, `${name}.rego`), source)
    await rename(draft, this.#path)
    await flushFolder(dirname(this.#path))
  }
}
