// Runs a program of this folder from its sources: `node test/faults/sweep/run.mjs sweep --from 1`.
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { runnerImport } from 'vite'

const [name = 'sweep', ...args] = process.argv.slice(2)

async function load(part) {
  const file = fileURLToPath(new URL(`./${name}-${part}.ts`, import.meta.url))
  return (await runnerImport(file, { configFile: false, logLevel: 'error', oxc: { target: 'node20' } })).module
}

// Apart from the program, which takes seconds to load.
const { options, usage } = await load('options')

function valuesOf() {
  try {
    return parseArgs({ args, options: { ...options, help: { type: 'boolean', short: 'h' } } }).values
  } catch (error) {
    if (!String(error?.code).startsWith('ERR_PARSE_ARGS')) throw error
    process.stderr.write(`${error.message}\n`)
    return null
  }
}

const values = valuesOf()
if (values === null) process.exitCode = 2
else if (values.help) process.stdout.write(`${usage}\n`)
else process.exitCode = await (await load('program')).main(values)
