import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { temporaryFolder } from './temporary-folder.ts'

const atRoot = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url))

/** A plugin that counts what reaches it and serves `/ping` and the WebSocket path `/socket`. */
export const COUNTING_PLUGIN = `
let active = 0
export async function activate(host) {
  active += 1
  globalThis.reached = []
  globalThis.givenHost = host
  return {
    async handle(request, response) {
      globalThis.reached.push(request.url)
      if (request.url === '/throw') throw new Error('on purpose')
      if (request.url !== '/ping') return false
      response.end('pong')
      return true
    },
    upgrade(request, socket) {
      globalThis.reached.push(request.url)
      if (request.url !== '/socket') return false
      socket.end('HTTP/1.1 101 Switching Protocols\\r\\n\\r\\n')
      return true
    },
  }
}
export async function reload() {}
export async function deactivate() {
  globalThis.deactivated = (globalThis.deactivated ?? 0) + 1
}
`

/** The manifest of this project, to be changed by a test. */
export async function ownManifest(): Promise<Record<string, unknown>> {
  const text = await readFile(atRoot('manifest.json'), 'utf8')
  return JSON.parse(text) as Record<string, unknown>
}

/** A plugin's folder with this project's schema, a manifest (this project's, changed), and an entry of its own. */
export async function pluginFolder(
  code: string,
  change: Readonly<Record<string, unknown>> = {},
): Promise<AsyncDisposable & { readonly path: string; readonly manifestFile: string }> {
  const folder = await temporaryFolder()
  const manifestFile = join(folder.path, 'manifest.json')
  const schema = join('plugin', 'contract', 'manifest.schema.json')
  await mkdir(join(folder.path, 'plugin', 'contract'), { recursive: true })
  await copyFile(atRoot(schema), join(folder.path, schema))
  await writeFile(manifestFile, JSON.stringify({ ...(await ownManifest()), ...change }))
  await mkdir(join(folder.path, 'dist', 'plugin'), { recursive: true })
  await writeFile(join(folder.path, 'package.json'), '{"type":"module"}')
  await writeFile(join(folder.path, 'dist', 'plugin', 'main.js'), code)
  return { ...folder, manifestFile }
}
