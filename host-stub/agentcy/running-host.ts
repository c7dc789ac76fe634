import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

import type { Host, Log, Routes } from '../../plugin/contract/host.ts'
import type { AdmissionParts } from './admission.ts'
import type { HostPage } from './host-page.ts'
import { serveArtifact } from './artifacts/artifact-route.ts'
import { serveUpload } from './artifacts/upload-route.ts'
import { serveAudit } from './audit/audit-route.ts'
import { openOrgStorage, type OrgStorage } from './org-storage.ts'
import { createHost, type Environment } from './host.ts'
import { prepareFolder, StartRefused } from './private-folder.ts'
import { type HttpServer, type ListenAddress, openServer } from './http-server.ts'
import { createLog } from './log.ts'
import { readManifest } from './manifest.ts'
import { type LoadedPlugin, loadPlugin } from './plugin-loader.ts'
import { createSignInCodes } from './sign-in-codes.ts'
import { serveSignIn, serveSignOut, type SignInParts } from './sign-in-route.ts'
import { LOCAL_ORG, LOCAL_OWNER, openTokens, type Tokens } from './tokens.ts'

const DEACTIVATE_LIMIT_MS = 5_000
const DEFAULT_PORT = 8080

/** What a host is started with. */
export type HostStart = {
  readonly environment: Environment
  /** The manifest of the only plugin that the host loads. */
  readonly manifestFile: string
  /** An additional page, shown beside the plugin's page. */
  readonly hostPage?: HostPage
}

/** A running host. */
export type RunningHost = {
  readonly url: string
  readonly home: string
  /** The owner token of the local org if it was created at this start, to be shown once; else null. */
  readonly mintedToken: string | null
  /** Returns a new link that opens the page signed in as the owner of the local org. It works once, within 10 min. */
  signInLink(): string
  /** Deactivates the plugin, in at most 5 s, and stops listening. Never logs accounts out. Idempotent. */
  close(): Promise<void>
}

/** The data folder of this host. */
export function homeFrom(environment: Environment): string {
  return resolve(environment['AGENTCY_HOME'] ?? join(homedir(), '.agentcy'))
}

function addressFrom(environment: Environment): ListenAddress {
  const given = environment['PORT'] ?? String(DEFAULT_PORT)
  const port = Number(given)
  if (!/^[0-9]{1,5}$/.test(given) || port > 65_535) {
    throw new StartRefused('PORT must be a number from 0 to 65535; 0 takes a free one.')
  }
  return { host: environment['HOST'] ?? '127.0.0.1', port }
}

/**
 * Stores the token of the environment as the owner's. Without one, the first start mints a token and returns it. Tokens of pages do
 * not count as an owner's token.
 */
function ownerToken(tokens: Tokens, environment: Environment): string | null {
  const given = environment['AGENTCY_TOKEN'] ?? ''
  if (given !== '') {
    tokens.keepFromEnvironment(given)
    return null
  }
  if (tokens.list().some(({ org, role, origin }) => org === LOCAL_ORG && role === 'owner' && origin !== 'page'))
    return null
  return tokens.mint(LOCAL_OWNER).token
}

function withinLimit(work: Promise<void>, log: Log): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(() => {
      log.error({ limit_ms: DEACTIVATE_LIMIT_MS }, 'host.deactivate_overdue')
      resolve()
    }, DEACTIVATE_LIMIT_MS)
    work
      .catch((error: unknown) =>
        log.error({ error: error instanceof Error ? error.name : 'unknown' }, 'host.deactivate_failed'),
      )
      .finally(() => {
        clearTimeout(timer)
        resolve()
      })
  })
}

/** A URL that a client can call: the server may listen on all addresses, but clients cannot connect to 0.0.0.0 or [::]. */
const reachable = (url: string): string => url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:')

/** What the host's own routes need. */
type Own = {
  readonly host: Host
  readonly storage: OrgStorage
  readonly signIn: SignInParts
  readonly hostPage: HostPage | undefined
}

/** Tries the host's own routes before the plugin's. */
function withOwn(plugin: Routes, { host, storage, signIn, hostPage }: Own): Routes {
  const { audit, uploads, stopping } = storage
  const authenticate = (token: string) => host.authenticate(token)
  const admission: AdmissionParts = {
    authenticate,
    admit: (...asked) => plugin.admit?.(...asked) ?? Promise.resolve('admitted'),
  }
  const audited = { ...admission, log: audit, closing: stopping }
  return {
    handle: async (request, response) =>
      (await serveSignIn(signIn, request, response)) ||
      serveSignOut(signIn, request, response) ||
      (await serveArtifact({ ...admission, artifacts: host.artifacts }, request, response)) ||
      (await serveUpload({ ...admission, uploads }, request, response)) ||
      (await serveAudit(audited, request, response)) ||
      (await hostPage?.handle({ request, response, authenticate })) ||
      (await plugin.handle(request, response)),
    upgrade: (...request) => plugin.upgrade(...request),
  }
}

type Active = Extract<LoadedPlugin, { status: 'active' }>
type Open = {
  readonly plugin: Active
  readonly server: HttpServer
  readonly storage: OrgStorage
  readonly log: Log
}

/** Returns the function that closes everything. It closes once, however often it is called. */
function closeOnce({ plugin, server, storage, log }: Open): () => Promise<void> {
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    storage.stop()
    await withinLimit(plugin.deactivate(), log)
    await server.close()
    storage.close()
    log.info({}, 'host.stopped')
  }
  return () => (closing ??= close())
}

/**
 * Starts the host: its folders and tokens, then the plugin by its manifest, then the server.
 * @throws StartRefused with a sentence for a person; nothing is left running then.
 */
export async function openHost({ environment, manifestFile, hostPage }: HostStart): Promise<RunningHost> {
  const address = addressFrom(environment)
  const home = homeFrom(environment)
  prepareFolder(home)
  const tokens = openTokens(home)
  tokens.clearEnded()
  const log = createLog(environment['LOG_LEVEL'])
  const read = readManifest(manifestFile)
  if (read.status === 'invalid') throw new StartRefused(read.sentence)

  const storage = await openOrgStorage({ home, environment, log })
  const { artifacts, audit } = storage
  const panels = hostPage ? [hostPage.panel] : []
  const host = createHost({ home, environment, tokens, log, artifacts, audit, panels, plugin: read.manifest.id })
  const plugin = await loadPlugin(read, host)
  if (plugin.status === 'failed') {
    storage.close()
    throw new StartRefused(plugin.sentence)
  }
  const codes = createSignInCodes()
  let server: HttpServer
  let mintedToken: string | null
  try {
    mintedToken = ownerToken(tokens, environment)
    server = await openServer(address, {
      routes: withOwn(plugin.routes, { host, storage, signIn: { codes, tokens }, hostPage }),
      log,
    })
  } catch (error) {
    storage.stop()
    await withinLimit(plugin.deactivate(), log)
    storage.close()
    throw error
  }
  log.info({ plugin: read.manifest.id, version: read.manifest.version }, 'host.started')

  return {
    url: server.url,
    home,
    mintedToken,
    signInLink: () => `${reachable(server.url)}/channels#signin=${codes.issue(LOCAL_OWNER)}`,
    close: closeOnce({ plugin, server, storage, log }),
  }
}
