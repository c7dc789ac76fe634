import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { packageRoot } from '../files/package-root.ts'
import { compile } from './compiler/compiler.ts'
import { OpaBinary } from './compiler/opa-binary.ts'
import { readStarterSources } from './starters.ts'

// `npm run starters` runs this after a starter policy was changed. Hosts without a compiler load the module that it writes.
const compiled = await compile(await readStarterSources(), new OpaBinary({ opaPath: null, path: null }))
if (compiled.status === 'refused') throw new Error(compiled.problems.map(({ message }) => message).join('\n'))
writeFileSync(join(packageRoot(), 'plugin', 'policy', 'starter', 'starter.wasm'), compiled.module)
