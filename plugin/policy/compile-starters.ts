import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { packageRoot } from '../files/package-root.ts'
import { compile } from './compiler/compiler.ts'
import { OpaBinary } from './compiler/opa-binary.ts'
import { readStarterSources } from './starters.ts'

// Run by `npm run starters` when one of them was changed: what it writes is what a host without a compiler loads.
const compiled = await compile(await readStarterSources(), new OpaBinary({ opaPath: null, path: null }))
if (compiled.status === 'refused') throw new Error(compiled.problems.map(({ message }) => message).join('\n'))
writeFileSync(join(packageRoot(), 'plugin', 'policy', 'starter', 'starter.wasm'), compiled.module)
