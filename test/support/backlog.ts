import { setTimeout as pause } from 'node:timers/promises'

import { controlCall } from '../../host-stub/whatsapp/client/control-call.ts'
import type { RunningGateway } from './gateway.ts'
import type { JournalTown } from './journal-town.ts'

/** Texts in order, by the chat they are in: a person's number, or a group's id. */
export type Texts = Record<string, string[]>

const ROUND = 50

/** Two people write to the owner and in a group by turns, encrypted beforehand, while the owner's device is away. */
export async function writeBacklog({ network, owner, alice, bob }: JournalTown, count: number): Promise<Texts> {
  const call = controlCall(network.state)
  const { id: group } = await network.group('Team', [owner, alice, bob])
  const authors = [alice, bob]
  const texts: Texts = { [group]: [], [alice.phone]: [], [bob.phone]: [] }
  for (let written = 0, round = 0; written < count; written += ROUND, round++) {
    const isDirect = round % 2 === 0
    const inRound = Math.min(ROUND, count - written)
    const label = `round ${round} message`
    const { burst } = await call('bursts/load', {
      authors: authors.map(({ name }) => name),
      to: isDirect ? { phone: owner.name } : { group },
      count: inRound,
      label,
    })
    await call('bursts/release', { burst })
    for (let index = 0; index < inRound; index++) {
      const chat = isDirect ? authors[index % authors.length]?.phone : group
      texts[chat ?? '']?.push(`${label} ${index}`)
    }
  }
  return texts
}

/** Cuts the owner's line when its device has settled that many more stanzas. */
async function cutAfter({ network, owner }: JournalTown, stanzas: number, withinMs: number): Promise<void> {
  const settledIn = (page: { settled: Record<string, number> }): number => page.settled['owner:1'] ?? 0
  const before = settledIn(await network.ledger())
  await network.ledgerWhen(page => settledIn(page) >= before + stanzas, withinMs)
  await network.faults.drop(owner)
}

/** How a queue came in whose line was cut on the way. */
export type Drain = {
  readonly written: Texts
  readonly received: Texts
  /** Why the line was lost, each time that it was. */
  readonly losses: readonly string[]
  /** How long the gateway's answers took meanwhile, in ms, the shortest first. */
  readonly answersMs: readonly number[]
}

/** Lets so many messages wait, brings them and cuts the line at 40 %; ends when the network holds nothing any more. */
export async function drainWithCut(town: JournalTown, count: number, withinMs: number): Promise<Drain> {
  const { network, gateway } = town
  await gateway.supervisor.call('account.close', gateway.account)
  const written = await writeBacklog(town, count)
  const after = gateway.events.length
  const cut = cutAfter(town, count * 0.4, withinMs)
  await gateway.open()
  const drained = cut.then(() => network.ledgerWhen(page => page.queued['owner:1'] === 0, withinMs))
  const answersMs = await answerTimes(gateway, drained)
  const losses = gateway.events
    .slice(after)
    .flatMap(each => (each.event === 'connection' && each.state.status === 'waiting' ? [each.state.reason] : []))
  return { written, received: await textsIn(gateway), losses, answersMs }
}

/** The texts in a gateway's journal. */
export async function textsIn({ supervisor, account }: RunningGateway): Promise<Texts> {
  const texts: Texts = {}
  for (let after = 0; ;) {
    const { entries } = await supervisor.call('journal.pull', { ...account, after, limit: 1_000 })
    for (const entry of entries) {
      if (entry.kind !== 'message' || entry.message.content.kind !== 'text') continue
      const { chat, content } = entry.message
      const name = chat.kind === 'group' ? chat.group : (chat.peer.phone ?? 'unknown')
      const before = texts[name] ?? []
      texts[name] = before
      before.push(content.text)
    }
    const last = entries.at(-1)?.seq
    if (last === undefined) return texts
    after = last
  }
}

const BETWEEN_QUESTIONS_MS = 20

/** Asks the gateway a small thing again and again while something happens; how long each answer took, in ms. */
async function answerTimes(gateway: RunningGateway, while_: Promise<unknown>): Promise<number[]> {
  const times: number[] = []
  const chat = { kind: 'direct', peer: { lid: null, phone: null } } as const
  let over = false
  const end = while_.finally(() => (over = true))
  while (!over) {
    const askedAt = performance.now()
    await gateway.supervisor.call('message.render', {
      ...gateway.account,
      chat,
      content: { kind: 'text', text: '?' },
      file: null,
    })
    times.push(performance.now() - askedAt)
    await pause(BETWEEN_QUESTIONS_MS)
  }
  await end
  return times.toSorted((a, b) => a - b)
}

/** The value that no more than a share of the times exceeds. */
export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
