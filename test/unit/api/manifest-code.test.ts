import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import { describe, expect, it } from 'vitest'

import type { CallRule } from '../../../plugin/api/auth/call-rule.ts'
import { ruleOf } from '../../../plugin/api/trpc/procedures.ts'
import { appRouter } from '../../../plugin/api/trpc/router.ts'
import { BASE_PATH, ROUTES } from '../../../plugin/api/rest/routes.ts'
import * as plugin from '../../../plugin/main.ts'

type Manifest = {
  version: string
  hooks: Record<string, string>
  contributes: { procedures: string[]; subscriptions: string[]; routes: { method: string; path: string }[] }
}

const root = resolve(import.meta.dirname, '../../..')
const json = async <Shape>(file: string) => JSON.parse(await readFile(join(root, file), 'utf8')) as Shape
const manifest = await json<Manifest>('manifest.json')

const procedures = Object.entries(
  appRouter._def.procedures as unknown as Record<string, { _def: { type: string; meta?: CallRule } }>,
)
const pathsOf = (subscribed: boolean): string[] =>
  procedures.filter(([, { _def }]) => (_def.type === 'subscription') === subscribed).map(([path]) => path)

describe('the manifest and the code', () => {
  it('declare the same procedures and subscriptions', () => {
    expect([...manifest.contributes.procedures].sort()).toEqual(pathsOf(false).sort())
    expect([...manifest.contributes.subscriptions].sort()).toEqual(pathsOf(true).sort())
  })

  it('declare the same routes', () => {
    const written = manifest.contributes.routes.map(({ method, path }) => `${method} ${path}`)
    const served = ROUTES.map(({ method, path }) => `${method} ${BASE_PATH}${path}`)
    const probes = ['healthz', 'readyz'].flatMap(name => [`GET /${name}`, `GET ${BASE_PATH}/${name}`])
    const besides = [...probes, 'GET /metrics']
    expect(written.sort()).toEqual([...served, ...besides].sort())
  })

  it('name who may call each procedure, and what policies call it, which is no other’s name', () => {
    const rules = procedures.map(([, { _def }]) => _def.meta)
    for (const rule of rules) expect(rule).toMatchObject({ role: expect.any(String), action: expect.any(String) })
    expect(new Set(rules.map(rule => rule?.action)).size).toBe(procedures.length)
  })

  it('name the hooks that the module exports, and the version of the package', async () => {
    for (const name of Object.values(manifest.hooks)) expect(plugin).toHaveProperty(name, expect.any(Function))
    expect(Object.keys(manifest.hooks).sort()).toEqual(['activate', 'deactivate', 'reload'])
    expect(manifest.version).toBe((await json<{ version: string }>('package.json')).version)
  })
})

describe("the API's README", () => {
  it('lists every route with its procedure and role', async () => {
    const readme = await readFile(join(root, 'plugin/api/README.md'), 'utf8')
    const rows = [
      ...readme.matchAll(/^\| `(GET|POST|PUT|PATCH|DELETE) ([^`?]+)(?:\?[^`]*)?` +\| (?:`([\w.]+)`|–) +\| (\w+) +\|/gm),
    ]
    const written = rows.map(([, method, path, procedure, role]) => `${method} ${path} ${procedure ?? '–'} ${role}`)
    const served = ROUTES.map(({ method, path, procedure }) =>
      [method, path, procedure ?? '–', procedure === null ? 'viewer' : ruleOf(procedure).role].join(' '),
    )
    expect(written.sort()).toEqual([...served, 'GET /healthz – none', 'GET /readyz – none'].sort())
  })
})
