import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { AuditEntry } from '../../host-stub/agentcy/audit/audit-entry.ts'
import { AuditLog, type AuditLogParts } from '../../host-stub/agentcy/audit/audit-log.ts'
import { serveAudit } from '../../host-stub/agentcy/audit/audit-route.ts'
import { STREAM_TIMES } from '../../host-stub/agentcy/audit/audit-stream.ts'
import type { NewAuditEntry } from '../../plugin/contract/audit.ts'
import type { OrgId } from '../../plugin/contract/ids.ts'
import { admitsAll, call, createTestHost, type Call } from './api.ts'
import { keptLog } from './host.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** An entry as a plugin tells it. */
export const entryWith = (more: Partial<NewAuditEntry> = {}): NewAuditEntry => ({
  category: 'policy',
  action: 'chat.tool.execute',
  decision: 'allow',
  user: 'usr_alice',
  resource: { connector: 'kubernetes', tool: 'get_pods', tool_effect: 'read' },
  rule: null,
  input: { subject: { channel: 'whatsapp' } },
  requestId: 'req_1',
  latencyMs: 12,
  ...more,
})

export const seqsOf = (entries: readonly AuditEntry[]) => entries.map(({ seq }) => seq)
export const requestsOf = (entries: readonly AuditEntry[]) => entries.map(({ context }) => context.request_id)
/** The numbers from 1 to the last one. */
export const upTo = (last: number) => Array.from({ length: last }, (_, index) => 1 + index)
/** So many request ids that begin like this. */
export const ids = (prefix: string, count: number) => upTo(count).map(each => `${prefix}${each}`)

export type OpenedLog = AsyncDisposable &
  ReturnType<typeof keptLog> & {
    readonly home: string
    readonly audit: AuditLog
    /** Closes it and opens it anew, as another start of the host does. */
    reopened(): AuditLog
    /** Tells it of an entry for each request id, in the same moment. */
    tell(org: OrgId, ids: readonly string[], more?: Partial<NewAuditEntry>): Promise<void>
    /** All that is kept of an org, in order. */
    all(org: OrgId): AuditEntry[]
  }

/** An audit log in a folder of its own. */
export async function openedLog(more: Partial<AuditLogParts> = {}): Promise<OpenedLog> {
  const folder = await temporaryFolder()
  const kept = keptLog()
  const open = (): AuditLog => new AuditLog({ home: folder.path, environment: {}, log: kept.log, ...more })
  let audit = await Promise.resolve()
    .then(open)
    .catch(async (error: unknown) => {
      await folder[Symbol.asyncDispose]()
      throw error
    })
  return {
    ...kept,
    home: folder.path,
    get audit() {
      return audit
    },
    reopened() {
      audit.close()
      return (audit = open())
    },
    async tell(org, ids, entry) {
      await Promise.all(ids.map(requestId => audit.append(org, entryWith({ ...entry, requestId }))))
    },
    all: org => everything(audit, org),
    async [Symbol.asyncDispose]() {
      audit.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** All that a log keeps of an org, in order. */
export function everything(audit: AuditLog, org: OrgId): AuditEntry[] {
  const entries: AuditEntry[] = []
  for (let page = audit.after(org, 0); page.length > 0; page = audit.after(org, entries.at(-1)?.seq ?? 0)) {
    entries.push(...page)
  }
  return entries
}

export type ServedLog = OpenedLog & {
  /** `http://127.0.0.1:…/api/v1/policies/audit` */
  readonly url: string
  readonly revoke: (token: string) => void
  /** Resolves when the server's end of an answer is closed before it was whole. */
  readonly cutOff: Promise<void>
  /** What the host does first when it closes. */
  readonly stop: () => void
}

/** The log behind its routes, in a server of its own. */
export async function servedLog(times = STREAM_TIMES, more: Partial<AuditLogParts> = {}): Promise<ServedLog> {
  const opened = await openedLog(more)
  const { host, revoke } = createTestHost()
  const closing = new AbortController()
  let noteCutOff = (): void => undefined
  const cutOff = new Promise<void>(resolve => (noteCutOff = resolve))
  const server = createServer((request, response) => {
    response.once('close', () => response.writableFinished || noteCutOff())
    const parts = {
      log: opened.audit,
      authenticate: host.authenticate,
      admit: admitsAll,
      closing: closing.signal,
      times,
    }
    void serveAudit(parts, request, response).then(mine => mine || response.writeHead(418).end())
  })
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  return {
    ...opened,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/policies/audit`,
    revoke,
    cutOff,
    stop: () => closing.abort(),
    async [Symbol.asyncDispose]() {
      closing.abort()
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      await opened[Symbol.asyncDispose]()
    },
  }
}

/** How a request is refused. */
export async function refusal(url: string, options: Call = {}) {
  const { status, text, headers } = await call(url, options)
  const { error } = JSON.parse(text) as { error: { code: string; message: string; request_id: string } }
  return { status, headers, ...error }
}
