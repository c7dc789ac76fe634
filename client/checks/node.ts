import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { fine, type Finding, wrong } from './finding.ts'

const LEAST = [20, 19] as const
/** The folder from which the libraries of this package are resolved. */
const HERE = fileURLToPath(new URL('.', import.meta.url))
const OPENS_ONE = "new (require('better-sqlite3'))(':memory:').close()"

/** Checks that this Node is new enough; `version` as in process.versions. */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isNewEnough = major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1])
  if (isNewEnough) return fine('node', `Node ${version}`)
  return wrong('node', `Node ${version} is too old.`, `Install Node ${LEAST.join('.')} or newer, best the current LTS.`)
}

/**
 * Checks that the only native module was built for this Node. Runs in a process of its own, because a module built for another Node
 * may crash it.
 */
export async function checkNativeBuild(): Promise<Finding> {
  try {
    await promisify(execFile)(process.execPath, ['-e', OPENS_ONE], { cwd: HERE })
    return fine('native build', 'better-sqlite3 loads.')
  } catch {
    const todo = 'Run: npm rebuild better-sqlite3 (it needs python3, make and g++ where no binary fits).'
    return wrong('native build', 'better-sqlite3 does not load in this Node.', todo)
  }
}
