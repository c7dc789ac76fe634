import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import type { Audit } from '../../plugin/contract/audit.ts'
import type { Artifacts, Host, Log } from '../../plugin/contract/host.ts'
import type { Panel } from '../../plugin/contract/panel.ts'
import { createAgents } from './agents.ts'
import { prepareFolder } from './home.ts'
import { readSettings } from './settings.ts'
import type { Tokens } from './tokens.ts'

/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What a host is made of. */
export type HostParts = {
  readonly home: string
  readonly environment: Environment
  readonly tokens: Tokens
  readonly log: Log
  readonly artifacts: Artifacts
  readonly audit: Audit
  /** Pages of the host's that belong beside the plugin's. */
  readonly panels: readonly Panel[]
  /** The id of the plugin: it names its folder and its settings. */
  readonly plugin: string
}

/** Made for one plugin: the folders above the last one are ours too, and as closed. */
function dataFolderOf(home: string, plugin: string): string {
  const folder = join(home, 'plugins', plugin)
  mkdirSync(join(home, 'plugins'), { recursive: true, mode: 0o700 })
  prepareFolder(folder)
  return folder
}

/** What is of the host alone: its owner's token, what opens the bucket with its artifacts, and what its assistant is asked by. */
const OWN = /^(AGENTCY_TOKEN$|AGENTCY_ARTIFACT_|AWS_|ASSISTANT_)/

/** What this host offers to the plugin that it activates. */
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
    // To add is all that a plugin may: it neither reads the log nor closes it.
    audit: { append: (org, entry) => audit.append(org, entry) },
  }
}
