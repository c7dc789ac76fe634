import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import type { Audit } from '../../plugin/contract/audit.ts'
import type { Artifacts, Host, Log } from '../../plugin/contract/host.ts'
import type { Panel } from '../../plugin/contract/panel.ts'
import { createAgents } from './agents.ts'
import { prepareFolder } from './private-folder.ts'
import { readSettings } from './settings.ts'
import type { Tokens } from './tokens.ts'

/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What a host consists of. */
export type HostParts = {
  readonly home: string
  readonly environment: Environment
  readonly tokens: Tokens
  readonly log: Log
  readonly artifacts: Artifacts
  readonly audit: Audit
  /** Pages of the host that are shown beside the plugin's. */
  readonly panels: readonly Panel[]
  /** The id of the plugin: the name of its data folder and of its key in the settings. */
  readonly plugin: string
}

/** Creates the plugin's data folder. The folders above it are private too. */
function dataFolderOf(home: string, plugin: string): string {
  const folder = join(home, 'plugins', plugin)
  mkdirSync(join(home, 'plugins'), { recursive: true, mode: 0o700 })
  prepareFolder(folder)
  return folder
}

/**
 * Variables that the plugin must not see: the owner's token, the credentials of the artifact bucket, and the model settings of the
 * assistant.
 */
const OWN = /^(AGENTCY_TOKEN$|AGENTCY_ARTIFACT_|AWS_|ASSISTANT_)/

/** The API that this host offers to the plugin. */
export function createHost({ home, environment, tokens, log, artifacts, audit, panels, plugin }: HostParts): Host {
  return {
    log,
    dataFolder: dataFolderOf(home, plugin),
    environment: Object.fromEntries(Object.entries(environment).filter(([name]) => !OWN.test(name))),
    settings: () => readSettings(home, plugin),
    authenticate: async token => tokens.authenticate(token),
    agents: createAgents(environment, log),
    artifacts,
    panels,
    // A plugin may only append: it can neither read the log nor close it.
    audit: { append: (org, entry) => audit.append(org, entry) },
  }
}
