import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import type { AuditEntry } from '../../../host-stub/agentcy/audit/audit-entry.ts'
import { openHost } from '../../../host-stub/agentcy/running-host.ts'
import { openTokens } from '../../../host-stub/agentcy/tokens.ts'
import type { NewAuditEntry } from '../../../plugin/contract/audit.ts'
import type { Host } from '../../../plugin/contract/host.ts'
import { call, ORG_A, ORG_B, ROLES, tokenOf, type Call } from '../../support/api.ts'
import { entryWith, ids, refusal, seqsOf, servedLog } from '../../support/audit.ts'
import { eventOf, listen } from '../../support/audit-stream.ts'
import { readCsv } from '../../support/csv-reader.ts'
import { COUNTING_PLUGIN, pluginFolder } from '../../support/plugin-folder.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

async function list(url: string, query = '', options: Call = {}): Promise<AuditEntry[]> {
  const { status, text } = await call(`${url}${query}`, options)
  expect([status, status === 200 ? '' : text]).toEqual([200, ''])
  return (JSON.parse(text) as { entries: AuditEntry[] }).entries
}

describe('GET /policies/audit', () => {
  it('answers the newest hundred first, and by limit and before all the others', async () => {
    await using log = await servedLog()
    await log.tell(ORG_A, ids('req_', 1_205))
    const newest = await list(log.url)
    expect(seqsOf(newest)).toEqual(Array.from({ length: 100 }, (_, index) => 1_205 - index))
    expect(newest).toEqual(log.all(ORG_A).slice(-100).toReversed())
    const pages = [await list(log.url, '?limit=1000')]
    pages.push(await list(log.url, `?limit=1000&before=${pages[0]?.at(-1)?.id}`))
    expect(pages.map(({ length }) => length)).toEqual([1_000, 205])
    expect(pages.flat()).toEqual(log.all(ORG_A).toReversed())
    expect(await list(log.url, `?before=${pages[1]?.at(-1)?.id}`)).toEqual([])
  })

  const told: Partial<NewAuditEntry>[] = [
    { requestId: 'req_pod', resource: { connector: 'kubernetes', tool: 'delete_pod' }, decision: 'deny' },
    { requestId: 'req_pull', resource: { connector: 'github', tool: 'create_pull' }, user: 'usr_bob' },
    { requestId: 'req_binding', category: 'channel', action: 'binding.create', resource: { channel: 'whatsapp' } },
    { requestId: 'req_nobody', user: null, resource: { connector: 'kubernetes', tool: 'get_pods' } },
  ]

  it.each([
    ['?decision=deny', ['req_pod']],
    ['?decision=allow', ['req_nobody', 'req_binding', 'req_pull']],
    ['?action=binding.create', ['req_binding']],
    ['?action=binding', []],
    ['?connector=kubernetes', ['req_nobody', 'req_pod']],
    ['?resource.tool=create_pull', ['req_pull']],
    ['?user_id=usr_bob', ['req_pull']],
    ['?api_key_id=key_1', []],
    ['?connector=kubernetes&decision=allow', ['req_nobody']],
    ['?connector=kubernetes&limit=1', ['req_nobody']],
    ['?since=2026-04-24T12:01:00Z', ['req_nobody', 'req_binding', 'req_pull']],
    ['?until=2026-04-24T12:01:00Z', ['req_pod']],
    ['?since=2026-04-24T14:01:00%2B02:00&until=2026-04-24T12:02:00.001Z', ['req_binding', 'req_pull']],
    ["?user_id=usr_bob' OR 1=1 --".replaceAll(' ', '%20'), []],
  ])('finds by %s what fits', async (query, found) => {
    const clock = { at: Date.parse('2026-04-24T12:00:00Z') }
    await using log = await servedLog(undefined, { now: () => clock.at })
    for (const entry of told) {
      await log.audit.append(ORG_A, entryWith(entry))
      clock.at += 60_000
    }
    const entries = await list(log.url, query)
    expect(entries.map(({ context }) => context.request_id)).toEqual(found)
  })

  it.each([
    ['', '?decision=maybe', '"decision"'],
    ['', '?tool=x', '"tool"'],
    ['.csv', '?limit=0', '"limit"'],
    ['/stream', '?decision=deny', 'no query parameters'],
    ['/aud_01BX5ZZKBKACTAV9WEVGEMMVRZ', '?limit=1', 'no query parameters'],
    ['', '?before=aud_01BX5ZZKBKACTAV9WEVGEMMVRZ', '"before" names no entry'],
  ])('%s%s is refused, and the answer names what is wrong', async (path, query, sentence) => {
    await using log = await servedLog()
    const refused = await refusal(`${log.url}${path}${query}`)
    expect(refused).toMatchObject({ status: 400, code: 'bad_request', message: expect.stringContaining(sentence) })
  })
})

describe('GET /policies/audit/:id', () => {
  it('answers one entry, and 404 for what is none', async () => {
    await using log = await servedLog()
    await log.tell(ORG_A, ids('req_', 2))
    const [entry] = log.all(ORG_A)
    const { status, text } = await call(`${log.url}/${entry?.id}`)
    expect([status, JSON.parse(text)]).toEqual([200, entry])
    for (const id of ['aud_01BX5ZZKBKACTAV9WEVGEMMVRZ', 'aud_1', 'pol_1', '']) {
      expect(await refusal(`${log.url}/${id}`)).toMatchObject({ status: 404, code: 'not_found' })
    }
  })
})

describe('GET /policies/audit.csv', () => {
  it('has a line for each entry that fits, newest first, however many', async () => {
    await using log = await servedLog()
    await log.tell(ORG_A, ids('req_', 1_203))
    await log.tell(ORG_A, ['req_denied'], { decision: 'deny', rule: 'a,"b"' })
    const { headers, text } = await call(`${log.url}.csv`)
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="audit.csv"',
      'transfer-encoding': 'chunked',
    })
    const [header, ...lines] = readCsv(text)
    expect(header?.join()).toBe(
      'id,seq,ts,org_id,user_id,api_key_id,category,action,decision,resource,policy_id,rule,input,ip,request_id,latency_ms',
    )
    const { id, ts, resource, input } = log.all(ORG_A).at(-1) as AuditEntry
    expect(lines[0]).toEqual(
      [
        id,
        '1204',
        ts,
        'org_a',
        'usr_alice',
        '',
        'policy',
        'chat.tool.execute',
        'deny',
        JSON.stringify(resource),
      ].concat(['', 'a,"b"', JSON.stringify(input), '', 'req_denied', '12']),
    )
    expect(lines.map(line => Number(line[1]))).toEqual(Array.from({ length: 1_204 }, (_, index) => 1_204 - index))
    expect(readCsv((await call(`${log.url}.csv?decision=deny`)).text)).toEqual([header, lines[0]])
    expect(readCsv((await call(`${log.url}.csv?limit=2&before=${id}`)).text)).toEqual([header, lines[1], lines[2]])
  })

  it('holds no formula', async () => {
    await using log = await servedLog()
    await log.tell(ORG_A, ['=cmd|calc'], { user: '@SUM(A1)', rule: '-1+1', action: '+x' })
    const [, line] = readCsv((await call(`${log.url}.csv`)).text)
    expect(line).toEqual(expect.arrayContaining(["'=cmd|calc", "'@SUM(A1)", "'-1+1", "'+x"]))
  })
})

describe('the routes of the audit log', () => {
  it.each(ROLES)('are decided for a %s', async role => {
    await using log = await servedLog()
    await log.tell(ORG_A, ids('req_', 1))
    const [entry] = log.all(ORG_A)
    for (const path of ['', '.csv', `/${entry?.id}`, '/stream']) {
      const answer = await call(`${log.url}${path}`, { method: 'HEAD', token: tokenOf(ORG_A, role) })
      expect([path, answer.status]).toEqual([path, role === 'admin' || role === 'owner' ? 200 : 403])
    }
    if (role === 'member') {
      const refused = await refusal(log.url, { token: tokenOf(ORG_A, role) })
      expect(refused).toMatchObject({ code: 'forbidden', message: expect.stringContaining('an admin or the owner') })
    }
  })

  it('show another org nothing', async () => {
    await using log = await servedLog()
    await log.tell(ORG_A, ids('req_', 3))
    const [entry] = log.all(ORG_A)
    const theirs = { token: tokenOf(ORG_B, 'owner') }
    expect(await list(log.url, '', theirs)).toEqual([])
    expect(readCsv((await call(`${log.url}.csv`, theirs)).text)).toHaveLength(1)
    expect(await refusal(`${log.url}/${entry?.id}`, theirs)).toMatchObject({ status: 404 })
    expect(await refusal(`${log.url}?before=${entry?.id}`, theirs)).toMatchObject({ status: 400 })
    using stream = await listen(log, { 'last-event-id': '0' }, theirs.token)
    await log.tell(ORG_A, ids('req_', 1))
    await log.tell(ORG_B, ['req_theirs'])
    expect(await stream.events(1)).toEqual(log.all(ORG_B).map(eventOf))
  })

  it('take GET and HEAD, with a token, and leave what lies beside them to others', async () => {
    await using log = await servedLog()
    const posted = await refusal(log.url, { method: 'POST' })
    expect(posted).toMatchObject({ status: 405, code: 'method_not_allowed', headers: { allow: 'GET, HEAD' } })
    for (const token of [null, 'unknown']) {
      const refused = await refusal(log.url, { token })
      expect(refused).toMatchObject({ status: 401, code: 'unauthorized', headers: { 'www-authenticate': 'Bearer' } })
    }
    for (const beside of ['s', '.json', '/a/b']) expect((await call(`${log.url}${beside}`)).status).toBe(418)
  })
})

describe('a host', () => {
  it('serves to its admins what the plugin tells of their org, as the README says, also after a restart', async () => {
    await using folder = await temporaryFolder()
    await using plugin = await pluginFolder(COUNTING_PLUGIN)
    const environment = { AGENTCY_HOME: join(folder.path, 'agentcy'), PORT: '0', LOG_LEVEL: 'silent' }
    const open = () => openHost({ environment, manifestFile: plugin.manifestFile })
    const first = await open()
    const { givenHost } = globalThis as unknown as { givenHost: Host }
    expect(Object.keys(givenHost.audit)).toEqual(['append'])
    await givenHost.audit.append(ORG_A, entryWith())
    await first.close()
    await expect(givenHost.audit.append(ORG_A, entryWith())).rejects.toThrow('closed')

    const host = await open()
    try {
      const tokens = openTokens(environment.AGENTCY_HOME)
      const { token: admin } = tokens.mint({ org: ORG_A, role: 'admin' })
      const { token: member } = tokens.mint({ org: ORG_A, role: 'member' })
      const audit = `${host.url}/api/v1/policies/audit`
      const [entry] = await list(audit, '', { token: admin })
      expect(entry).toMatchObject({ org_id: ORG_A, seq: 1 })
      const statusOf = async (path: string, options: Call) => (await call(`${audit}${path}`, options)).status
      expect(await statusOf(`/${entry?.id}`, { token: admin })).toBe(200)
      expect(await statusOf('/aud_1', { token: admin })).toBe(404)
      expect(await statusOf('.csv', { token: member })).toBe(403)
      expect(await statusOf('/stream', { token: null })).toBe(401)
      expect(await statusOf('', { token: admin, method: 'DELETE' })).toBe(405)
      const readme = await readFile(new URL('../../../plugin/api/README.md', import.meta.url), 'utf8')
      const written = [
        ...readme.matchAll(/^\| `GET (\/policies\/audit[^`?]*)(?:\?[^`]*)?` +\| the host's +\| admin /gm),
      ]
      expect(written.map(([, path]) => path)).toEqual(
        ['', '/:id', '/stream', '.csv'].map(path => `/policies/audit${path}`),
      )
    } finally {
      await host.close()
    }
  })
})
