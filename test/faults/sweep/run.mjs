// Runs a program of this folder from its sources: `node test/faults/sweep/run.mjs sweep --from 1`.
import { fileURLToPath } from 'node:url'

import { runnerImport } from 'vite'

const [name = 'sweep', ...words] = process.argv.slice(2)
const file = fileURLToPath(new URL(`./${name}-program.ts`, import.meta.url))
const { module } = await runnerImport(file, { configFile: false, logLevel: 'error', oxc: { target: 'node20' } })
process.exitCode = await module.main(words)
