import { loadBurst, type Burst, type Scene } from './burst.ts'
import type { Contender } from './contender.ts'
import { loginsOf } from './logins.ts'
import type { Amounts, RowName } from './options.ts'
import type { Network } from './processes.ts'
import { percentiles } from './statistics.ts'

/** What one measurement of a row found, each value named with its unit. */
export type Figures = Readonly<Record<string, number>>
export type Measured = { readonly row: string; readonly figures: Figures }

/** A contender in its place: linked, warm, with people who write to it. */
export type Stage = {
  readonly network: Network
  readonly contender: Contender
  readonly direct: Scene
  readonly group: Scene
  readonly amounts: Amounts
}

const mebibyte = 2 ** 20

/** The rows that are measured on a linked contender, in this order. */
export const stagedRows: Partial<Record<RowName, (stage: Stage) => Promise<Measured[]>>> = {
  latency: latencyRows,
  send: sendRow,
  direct: async stage => [await answeredRow(stage, 'direct')],
  group: async stage => [await answeredRow(stage, 'group')],
  receive: receiveRow,
  offline: offlineRows,
}

/** From the first stanza to the last reply that a contact's phone has decrypted. */
async function answeredRow(stage: Stage, kind: 'direct' | 'group'): Promise<Measured> {
  const { network, contender, amounts } = stage
  const burst = await loadBurst(network, stage[kind], amounts.burst)
  const before = await contender.usage()
  contender.resetUsage()
  await burst.release()
  return { row: `${kind} burst of ${amounts.burst}`, figures: await answeredFigures(burst, contender, before.cpuMs) }
}

async function answeredFigures(burst: Burst, contender: Contender, cpuBeforeMs: number): Promise<Figures> {
  const { count, answered, first_delivered_at: first, last_answered_at: last } = await burst.until('answered_at')
  const { cpuMs, peakRssBytes, loopP99Ms } = await contender.usage()
  const tookMs = (last ?? Number.NaN) - (first ?? Number.NaN)
  return {
    messages_per_s: (answered * 1_000) / tookMs,
    took_ms: tookMs,
    answered,
    unanswered: count - answered,
    cpu_ms_per_message: (cpuMs - cpuBeforeMs) / count,
    peak_rss_mb: peakRssBytes / mebibyte,
    loop_p99_ms: loopP99Ms,
  }
}

/** Nobody answers: from the first stanza to the last message at its consumer (stored and resolved, ours). */
async function receiveRow({ network, contender, direct, amounts }: Stage): Promise<Measured[]> {
  await contender.echo(false)
  await contender.arrivals(0)
  const burst = await loadBurst(network, direct, amounts.burst)
  const before = await contender.usage()
  contender.resetUsage()
  await burst.release()
  const { first_delivered_at: first, last_settled_at: settled } = await burst.until('settled_at')
  const { cpuMs } = await contender.usage()
  const arrivals = await contender.arrivals(amounts.burst)
  await contender.echo(true)
  const last = Math.max(...arrivals.values())
  const tookMs = last - (first ?? Number.NaN)
  const figures = {
    messages_per_s: (arrivals.size * 1_000) / tookMs,
    took_ms: tookMs,
    settled_ms: (settled ?? Number.NaN) - (first ?? Number.NaN),
    received: arrivals.size,
    cpu_ms_per_message: (cpuMs - before.cpuMs) / amounts.burst,
  }
  return [{ row: `receive only, direct burst of ${amounts.burst}`, figures }]
}

/** What was written while the contender was away. */
async function offlineRows({ network, contender, direct, amounts }: Stage): Promise<Measured[]> {
  const measured: Measured[] = []
  for (const count of amounts.backlogs) {
    const burst = await loadBurst(network, direct, count)
    const before = await contender.usage()
    await contender.goOffline()
    await burst.release()
    const loginsBefore = loginsOf(await network.control.ledger(), contender.owner)
    contender.resetUsage()
    await contender.goOnline()
    const figures = await answeredFigures(burst, contender, before.cpuMs)
    const { peak_rss_mb: peak = Number.NaN, took_ms: tookMs = Number.NaN } = figures
    measured.push({
      row: `offline backlog of ${count}`,
      figures: {
        ...figures,
        ms_per_message: tookMs / count,
        rss_growth_mb: peak - before.rssBytes / mebibyte,
        lost_lines: loginsOf(await network.control.ledger(), contender.owner) - loginsBefore - 1,
      },
    })
  }
  return measured
}

/** From a stanza on the line to the start of the agent; for bare Baileys, to `messages.upsert`. */
async function latencyRows({ network, contender, direct, amounts }: Stage): Promise<Measured[]> {
  const measured: Measured[] = []
  for (const { perSecond, count } of amounts.rates) {
    await contender.arrivals(0)
    const burst = await loadBurst(network, direct, count)
    await burst.release(perSecond)
    const { answered } = await burst.until('answered_at')
    const arrivals = await contender.arrivals(count)
    const toAgent: number[] = []
    const toReply: number[] = []
    for (const { text, delivered_at: delivered, answered_at: replied } of await burst.moments()) {
      const arrived = arrivals.get(text)
      if (delivered !== null && arrived !== undefined) toAgent.push(Math.max(0, arrived - delivered))
      if (delivered !== null && replied !== null) toReply.push(replied - delivered)
    }
    const figures = { ...percentiles('to_agent_ms', toAgent), ...percentiles('to_reply_ms', toReply), answered }
    measured.push({ row: `stanza to agent start at ${perSecond}/s`, figures })
  }
  return measured
}

async function sendRow({ contender, direct, amounts }: Stage): Promise<Measured[]> {
  const [to] = direct.authors
  if (!to) return []
  const took = await contender.send(to, amounts.sends)
  return [{ row: 'send accepted to server ack', figures: { ...percentiles('took_ms', took), acked: took.length } }]
}
