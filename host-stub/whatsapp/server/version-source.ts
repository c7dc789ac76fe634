import type { ServerResponse } from 'node:http'
import type { SourceFault } from '../world/behaviours.ts'
import type { World } from '../world/world.ts'

export const versionPath = '/sw.js'

/** Newer than any real version: a client that accepts it has been fooled. */
const forged = 1_063_000_000
const tenMegabytes = 10_000_000
const script = { 'content-type': 'application/javascript; charset=utf-8' }

const scriptOf = (revision: number | string): string =>
  `"use strict";self.__swData=JSON.parse("{\\"dynamic_data\\":{\\"SiteData\\":{\\"client_revision\\":${revision},\\"push_phase\\":\\"C3\\"}}}");`

const faulty: Record<SourceFault, (response: ServerResponse) => void> = {
  html: response => {
    const page = `<!doctype html><title>Sign in to this network</title><script>var a={"client_revision":${forged}}</script>`
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page)
  },
  ten_megabytes: response => {
    response.writeHead(200, script).end(scriptOf(forged) + ' '.repeat(tenMegabytes))
  },
  redirect: response => {
    response.writeHead(302, { location: `${versionPath}?moved` }).end()
  },
  drop: response => response.destroy(),
  not_found: response => {
    response.writeHead(404, script).end(scriptOf(forged))
  },
  hang: response => {
    response.writeHead(200, script).write(scriptOf(forged))
  },
  empty: response => {
    response.writeHead(200, script).end('self.skipWaiting()')
  },
  garbage: response => {
    response.writeHead(200, script).end(scriptOf('10438577609999999999'))
  },
}

/** Answers the request for the script of the web client. */
export function answerVersion({ behaviours, ledger }: World, moved: boolean, response: ServerResponse): void {
  ledger.write(page => (page.versionAsks += 1))
  const { version_source: says } = behaviours
  if (typeof says === 'number') response.writeHead(200, script).end(scriptOf(says))
  else if (moved) response.writeHead(200, script).end(scriptOf(forged))
  else faulty[says](response)
}
