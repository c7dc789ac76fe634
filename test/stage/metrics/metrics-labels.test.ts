import { readFile } from 'node:fs/promises'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { MessageContent } from '../../../plugin/contract/content.ts'
import { parseAccountName } from '../../../plugin/contract/ids.ts'
import { OrgMetrics } from '../../../plugin/metrics/org-metrics.ts'
import { inboxOf } from '../../support/inbox.ts'
import { metricsOf, HEALTHY, NOTHING_HELD, order, pageOf, seen } from '../../support/metrics.ts'
import { readPrometheus, sumOf } from '../../support/prometheus.ts'
import { ACCOUNT, byLid, byPhone, given, linkedStore, ORG, person, textFrom } from '../../support/store.ts'

const LABELS: Record<string, RegExp> = {
  account: /^(default|other|)$/,
  problem: /^[a-z_]+$/,
  reason: /^[a-z_]+$/,
  outcome: /^[a-z_]+$/,
  status: /^[a-z_]+$/,
  state: /^[a-z_]+$/,
  held: /^(yes|no)$/,
  decision: /^[a-z_]+$/,
  effect: /^(read|write|destructive|unknown)$/,
  kind: /^(orderMessage|other)$/,
  le: /^[0-9.]+$|^\+Inf$/,
}

describe('whatever people write', () => {
  it('no name, number, address or text of it is in the metrics', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const { inbox, gateway, committed } = await inboxOf(store, { text_regex: 'CANARY' })
    const metrics = metricsOf(store)
    const digits = fc.integer({ min: 1_000_000, max: 9_999_999 }).map(number => `9725${number}`)
    const somebody = fc
      .record({ lid: digits.map(lid => `77${lid}`), phone: digits, face: fc.constantFrom(byLid, byPhone) })
      .map(({ lid, phone, face }) => face(person(lid, phone)))
    const text = fc.string({ unit: 'binary', maxLength: 20 }).map(noise => `CANARY${noise.replaceAll('\0', '')}`)
    const content: fc.Arbitrary<MessageContent> = fc.oneof(
      text.map(said => ({ kind: 'text' as const, text: said })),
      fc.oneof(text, digits, fc.constant('orderMessage')).map(type => ({ ...order, type }) as MessageContent),
      fc.constant({ kind: 'undecryptable' as const }),
    )
    const message = fc
      .record({ somebody, content, senderName: text })
      .map(({ somebody: sender, ...more }) => textFrom(sender, '', more))
    gateway.receive(...fc.sample(message, 150))
    await inbox.wake(ACCOUNT)
    for (const admitted of committed) metrics.admitted(ACCOUNT, admitted)
    const written = await metrics.text(ORG, NOTHING_HELD)
    expect(written).not.toMatch(/CANARY|9725\d{4}|@g\.us|lid:/)
    const { samples, types } = readPrometheus(written)
    expect(sumOf({ samples, types }, 'whatsapp_messages_received_total')).toBe(150)
    expect(seen({ samples, types }, 'whatsapp_messages_unsupported_total', 'kind').size).toBe(2)
    for (const { labels } of samples)
      for (const [label, value] of Object.entries(labels)) expect(value).toMatch(given(LABELS[label]))
  })

  it('their names are so many at most', async () => {
    const metrics = new OrgMetrics()
    for (let at = 0; at < 1_000; at += 1) {
      const name = Array.from(String(at), digit => 'abcdefghij'[Number(digit)]).join('')
      metrics.unsupported(given(parseAccountName(`account${at}`)), `${name}Message`)
    }
    const nothing = {
      accounts: [],
      openTurns: new Map(),
      oldestQueuedAt: null,
      now: 0,
      held: NOTHING_HELD,
      room: undefined,
      health: { ...HEALTHY, freeBytes: null, filesWork: false },
    }
    const { samples } = readPrometheus(await metrics.text(nothing))
    const names = (label: string) => new Set(samples.flatMap(({ labels }) => labels[label] || []))
    expect([names('account').size, names('kind').size]).toEqual([65, 65])
    expect(samples.reduce((sum, { value }) => sum + value, 0)).toBe(1_000)
  })

  it('is counted under names as Prometheus wants them', async () => {
    await using opened = await linkedStore()
    const { types } = await pageOf(metricsOf(opened.store))
    expect(types.size).toBeGreaterThan(15)
    for (const [name, type] of types) {
      expect(name).toMatch(/^whatsapp_[a-z_]+$/)
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter'])
      if (type === 'histogram') expect(name).toMatch(/_seconds$/)
    }
  })

  it('is counted under the names that stand in the README', async () => {
    await using opened = await linkedStore()
    const readme = await readFile(new URL('../../../plugin/api/README.md', import.meta.url), 'utf8')
    const section = readme.slice(readme.indexOf('## Metrics'), readme.indexOf('## Errors'))
    const written = [...section.matchAll(/^\| `([a-z_]+)` +\|/gm)].map(([, name]) => `whatsapp_${name}`)
    const { types } = await pageOf(metricsOf(opened.store))
    expect(written.toSorted()).toEqual([...types.keys()].toSorted())
  })
})
