import { describe, expect, it } from 'vitest'

import { ORG_A, ORG_B, tokenOf } from '../../support/api.ts'
import { ids, refusal, servedLog } from '../../support/audit.ts'
import { eventOf, listen } from '../../support/audit-stream.ts'

describe('GET /policies/audit/stream', () => {
  it('tells what happens from now on, and after Last-Event-ID what happened meanwhile', async () => {
    await using log = await servedLog()
    await log.tell(ORG_A, ids('req_', 3))
    using first = await listen(log)
    expect(first.response.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    await log.tell(ORG_A, ['req_4'])
    await log.tell(ORG_B, ['req_other'])
    await log.tell(ORG_A, ['req_5'])
    const told = log.all(ORG_A).map(eventOf)
    expect(await first.events(2)).toEqual(told.slice(3))
    using second = await listen(log, { 'last-event-id': '1' })
    await log.tell(ORG_A, ids('req_', 120))
    expect(await second.events(124)).toEqual(log.all(ORG_A).slice(1).map(eventOf))
    using third = await listen(log, { 'last-event-id': '999999' })
    await log.tell(ORG_A, ['req_last'])
    expect(await third.events(1)).toEqual(log.all(ORG_A).slice(-1).map(eventOf))
  })

  it('is refused when Last-Event-ID is no number', async () => {
    await using log = await servedLog()
    const refused = await refusal(`${log.url}/stream`, { headers: { 'last-event-id': 'aud_1' } })
    expect(refused).toMatchObject({ status: 400, message: expect.stringContaining('"Last-Event-ID"') })
  })

  it('says that it lives while nothing happens', async () => {
    await using log = await servedLog({ pingMs: 5, drainMs: 5_000 })
    using stream = await listen(log)
    await stream.pinged()
    await log.tell(ORG_A, ['req_1'])
    expect(await stream.events(1)).toEqual(log.all(ORG_A).map(eventOf))
  })

  it('cuts off a reader who does not read, and reads no more from the log for it than its line holds', async () => {
    await using log = await servedLog({ pingMs: 5_000, drainMs: 100 })
    const entries = 600
    await log.tell(ORG_A, ids('req_', entries), { input: { text: 'x'.repeat(65_536) } })
    using stream = await listen(log, { 'last-event-id': '0' })
    stream.response.pause()
    await log.cutOff
    stream.response.resume()
    await stream.ended
    expect(stream.isWhole()).toBe(false)
    const last = /^id: (\d+)/.exec((await stream.events(1)).at(-1) ?? '')?.[1]
    expect(Number(last)).toBeLessThan(entries / 2)
  })

  it('ends when its token is revoked, and tells nothing more', async () => {
    await using log = await servedLog()
    using stream = await listen(log)
    await log.tell(ORG_A, ['req_1'])
    await stream.events(1)
    log.revoke(tokenOf(ORG_A, 'admin'))
    await log.tell(ORG_A, ['req_2'])
    await stream.ended
    expect(stream.isWhole()).toBe(true)
    expect(await stream.events(1)).toHaveLength(1)
  })

  it('ends when the host closes', async () => {
    await using log = await servedLog()
    using stream = await listen(log)
    log.stop()
    await stream.ended
    expect(stream.isWhole()).toBe(true)
  })
})
