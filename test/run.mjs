// Runs a program of the tests from its sources: `node test/run.mjs faults/sweep/sweep --from 1`.
import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'

import { runnerImport } from 'vite'

const [name, ...args] = process.argv.slice(2)

async function load(part) {
  const file = fileURLToPath(new URL(`./${name}-${part}.ts`, import.meta.url))
  return (await runnerImport(file, { configFile: false, logLevel: 'error', oxc: { target: 'node20' } })).module
}

// Apart from the program, which may take seconds to load.
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
