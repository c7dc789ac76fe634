// Runs a program of this folder from its sources: `node test/faults/sweep/run.mjs sweep --from 1`.
import { fileURLToPath } from 'node:url'

import { runnerImport } from 'vite'

const [name = 'sweep', ...words] = process.argv.slice(2)
const file = fileURLToPath(new URL(`./${name}-program.ts`, import.meta.url))
const { module } = await runnerImport(file, { configFile: false, logLevel: 'error', oxc: { target: 'node20' } })
try {
  process.exitCode = await module.main(words)
} catch (error) {
  if (!String(error?.code).startsWith('ERR_PARSE_ARGS')) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 2
}
