import { join } from 'node:path'
import { Worker } from 'node:worker_threads'

import type { OrgId } from '../contract/ids.ts'
import { packageRoot } from '../package-root.ts'

/** What is checked: the modules that would decide together, and for whom. */
export type SelfChecked = { readonly modules: readonly Uint8Array[]; readonly org: OrgId }

const LIMIT_MS = 10_000

/** Asks policies a few questions where they can do no harm. Why they must not come into force; null when they may. */
export async function selfCheck(checked: SelfChecked): Promise<string | null> {
  const entry = join(packageRoot(), 'dist', 'plugin', 'policy', 'self-check.js')
  const worker = new Worker(entry, { workerData: checked, stdout: true, stderr: true, env: {} })
  const late = 'They take too long to be loaded or to be asked.'
  return new Promise(resolve => {
    const timer = setTimeout(() => end(late), LIMIT_MS)
    const end = (why: string | null): void => {
      clearTimeout(timer)
      resolve(why)
      void worker.terminate()
    }
    worker.once('message', (why: string | null) => end(why))
    worker.once('error', () => end('They break down when they are asked.'))
    worker.once('exit', () => end('They break down when they are asked.'))
  })
}
