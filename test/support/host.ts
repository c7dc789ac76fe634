import { openLocalArtifacts } from '../../host-stub/agentcy/artifacts/local-artifacts.ts'
import type { NewAuditEntry } from '../../plugin/contract/audit.ts'
import type { Agents, Host, LogFields, Turn } from '../../plugin/contract/host.ts'
import type { OrgId } from '../../plugin/contract/ids.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A line that was logged. */
export type Line = { readonly level: string; readonly event: string; readonly fields: LogFields }

/** A log that keeps its lines, and lets a test wait for one. */
export function keptLog() {
  const lines: Line[] = []
  const waiting = new Set<() => void>()
  const at = (level: string) => (fields: LogFields, event: string) => {
    lines.push({ level, event, fields })
    for (const look of waiting) look()
  }
  const log = { trace: at('trace'), debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  /** The `times`-th line of that event; fails when it is not there within 10 s. */
  const line = (event: string, times = 1): Promise<Line> =>
    new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer)
        waiting.delete(look)
      }
      const look = (): void => {
        const found = lines.filter(each => each.event === event)[times - 1]
        if (!found) return
        done()
        resolve(found)
      }
      const timer = setTimeout(() => {
        done()
        reject(new Error(`no "${event}" (${times}) among: ${lines.map(each => each.event).join(', ')}`))
      }, 10_000)
      waiting.add(look)
      look()
    })
  return { log, lines, line }
}

/** Agents that answer with what `reply` yields. */
export function agentsThat(reply: Agents['run'], names = ['echo']): Agents {
  return { exists: (_, name) => Promise.resolve(names.includes(name)), run: reply }
}

/** An agent that says back what it was told. */
export async function* echo(turn: Turn): AsyncGenerator<string, void, undefined> {
  yield turn.message.text
}

export type TestHost = AsyncDisposable &
  ReturnType<typeof keptLog> & {
    readonly host: Host
    /** What the audit log was told, in order. */
    readonly audited: readonly { readonly org: OrgId; readonly entry: NewAuditEntry }[]
    settings: unknown
  }

/** A host in this process, with folders of its own that are removed at the end of the block. */
export async function testHost(
  setting: { environment?: Record<string, string>; agents?: Agents } = {},
): Promise<TestHost> {
  const folder = await temporaryFolder()
  const kept = keptLog()
  const audited: { org: OrgId; entry: NewAuditEntry }[] = []
  const made: TestHost = {
    ...kept,
    audited,
    settings: {},
    host: {
      log: kept.log,
      dataFolder: folder.path,
      environment: { OPENFANG_HOME: folder.path, PATH: process.env['PATH'], ...setting.environment },
      settings: () => Promise.resolve(made.settings),
      authenticate: () => Promise.resolve(null),
      agents: setting.agents ?? agentsThat(echo),
      artifacts: openLocalArtifacts(folder.path),
      panels: [],
      audit: { append: async (org, entry) => void audited.push({ org, entry }) },
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
  return made
}
