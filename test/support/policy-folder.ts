import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect } from 'vitest'

import type { OrgId } from '../../plugin/contract/ids.ts'
import { Policies } from '../../plugin/policy/policies.ts'
import { OpaBinary } from '../../plugin/policy/compiler/opa-binary.ts'
import type { CompilerPlaces } from '../../plugin/config/environment.ts'
import { WorkerPool } from '../../plugin/workers/worker-pool.ts'
import { keptLog } from './host.ts'
import { ORG } from './store.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** The compiler that comes as an optional dependency, whatever else this machine has. */
export const PACKAGED: CompilerPlaces = { opaPath: null, path: null }
/** No compiler at all. */
export const MISSING: CompilerPlaces = { opaPath: '/nowhere/opa', path: null }

/** Policies over a folder of their own, that can be opened again as after a restart. */
export async function policiesOf(compiler: CompilerPlaces = PACKAGED, enabled = true) {
  const folder = await temporaryFolder()
  const { log, lines } = keptLog()
  const jobs = new WorkerPool(log)
  const shares = { isAlone: () => true }
  const open = (places = compiler) =>
    Policies.open({ dataFolder: folder.path, compiler: places, policies: enabled, jobs, shares, log })
  const ofOrg = (org: OrgId = ORG) => join(folder.path, 'policies', org)
  return {
    policies: await open(),
    lines,
    restarted: open,
    folder: ofOrg,
    /** Writes a file as an operator does, with an editor. */
    edit: (name: string, source: string | Uint8Array, org: OrgId = ORG) => writeFile(join(ofOrg(org), name), source),
    /** The org begins with an empty folder instead of the starters. */
    empty: (org: OrgId = ORG) => mkdir(ofOrg(org), { recursive: true, mode: 0o700 }),
    jobs,
    shares,
    [Symbol.asyncDispose]: async () => {
      await jobs.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** What the documents' WhatsApp page gives as its rule (agentcy-host.md §1.4), under the package that it belongs to. */
export const PAGE_POLICY = `package agentcy.whatsapp

deny[msg] {
  input.subject.channel == "whatsapp"
  input.action == "chat.tool.execute"
  input.resource.tool_effect != "read"
  not input.context.approval_granted
  msg := "writes from WhatsApp need an approval"
}
`

/** Compiles a policy as somebody does who has `opa` elsewhere. */
export async function bundleOf(source: string, file: string, entrypoint = 'agentcy/bundled/deny'): Promise<void> {
  await using folder = await temporaryFolder()
  await writeFile(join(folder.path, 'shop.rego'), source)
  const given = ['build', '-t', 'wasm', '--v0-compatible', '-e', entrypoint, '-o', 'shop.tar.gz', 'shop.rego']
  expect(await new OpaBinary(PACKAGED).run(given, folder.path)).toMatchObject({ ok: true })
  await copyFile(join(folder.path, 'shop.tar.gz'), file)
}
