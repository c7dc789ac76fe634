import { join } from 'node:path'

import { openChannel } from '../../plugin/channel/channel.ts'
import { addApproval } from '../../plugin/store/turns/approvals.ts'
import { addBinding } from '../../plugin/store/accounts/bindings.ts'
import type { Connection } from '../../plugin/store/sql/connection.ts'
import { openStore, type Store } from '../../plugin/store/database.ts'
import { listMessages } from '../../plugin/store/messages/messages.ts'
import { queueTurn } from '../../plugin/store/turns/turns.ts'
import { Ingest } from '../../plugin/inbox/ingest.ts'
import { DEFAULT_ACCOUNT, parsePhone, type AccountKey, type OrgId, type Phone } from '../../plugin/contract/ids.ts'
import { claimNumber, configureAccount, confirmNumber } from '../../plugin/store/accounts/accounts.ts'
import { listTurns } from '../../plugin/store/turns/turn-queries.ts'
import { agentsThat, testHost } from './host.ts'
import { noRules } from './rules.ts'
import { claimed } from '../../plugin/contract/claimed.ts'
import { direct, given, textFrom } from './store.ts'
import { contact } from './tenants.ts'

/** What an org that has as much as it may has ids of. */
export type FullOrg = {
  readonly number: Phone
  /** Messages that nobody answered, as long as phones write them, each quoting another one. */
  readonly messages: readonly string[]
  readonly bindings: readonly string[]
  /** A turn that waits for a person, and the message that it is about. */
  readonly turn: string
  readonly asked: string
  readonly approvals: readonly string[]
  readonly sends: readonly string[]
  /** A policy. */
  readonly policy: string
  /** A pairing; of one that has none, an id that none has. */
  readonly session: string
}

/** How much of each there is. */
export type Amounts = { readonly messages: number; readonly bindings: number; readonly approvals: number }

/** The most that WhatsApp's phones let anybody write. */
export const LONGEST_TEXT = 65_536
/** What takes most room where it is written as JSON. */
const HARD = '\u0001'

const number = given(parsePhone('+972510099999'))

/** `n`-th number of many. */
export const numberOf = (n: number): Phone => given(parsePhone(`+97252${String(1_000_000 + n)}`))

async function write(transaction: Connection, key: AccountKey, count: number): Promise<void> {
  const admission = new Ingest(transaction, key, noRules)
  const text = HARD.repeat(LONGEST_TEXT)
  const sender = contact(0)
  for (let n = 0; n < count; n += 1) {
    const quoted = n === 0 ? null : claimed({ stanzaId: `LONG${n - 1}`, sender, text: null })
    const more = { stanzaId: `LONG${n}`, chat: direct(sender), receiver: { lid: null, phone: number }, quoted }
    await admission.message(textFrom(sender, text, more as never))
  }
}

const LONG_ARGUMENTS = { text: HARD.repeat(10_900) }

async function askFor(transaction: Connection, org: OrgId, { turn, count }: { turn: string; count: number }) {
  const requestedAt = Date.now()
  const more = { org, requestedAt, expiresAt: requestedAt + 3_600_000, user: 'usr_x', reason: 'x' }
  const ids = Array.from({ length: count }, (_, n) => `apr_${String(n).padStart(26, '0')}`)
  for (const [step, id] of ids.entries())
    await addApproval(transaction, {
      ...more,
      id,
      turnId: turn,
      step,
      tool: 'x.y',
      argumentsHash: id,
      effect: 'write',
      arguments: LONG_ARGUMENTS,
    })
  return ids
}

async function fill(store: Store, key: AccountKey, amounts: Amounts): Promise<Omit<FullOrg, 'sends' | 'policy'>> {
  const { org } = key
  const { connection } = store
  await configureAccount(connection, key, { displayName: null })
  await claimNumber(connection, key, number)
  await confirmNumber(connection, key, number)
  await store.transaction(transaction => write(transaction, key, amounts.messages))
  const kept = await listMessages(connection, org, { account: null, before: null, limit: amounts.messages })
  const bindings = await store.transaction(async transaction => {
    const ids: string[] = []
    const rule = (n: number) => ({ from: numberOf(n), to: number, group: numberOf(n) })
    for (let n = 0; n < amounts.bindings; n += 1)
      ids.push((await addBinding(transaction, org, { agent: 'echo', rule: rule(n) })).id)
    return ids
  })
  const asked = given(kept[0])
  const turn = await store.transaction(async transaction => {
    await queueTurn(
      transaction,
      { ...key, id: asked.id, chatKey: asked.chatKey },
      { agent: 'echo', conversation: 'chat' },
    )
    const [queued] = await listTurns(transaction, org, { account: null, status: null, before: null, limit: 1 })
    return given(queued).id
  })
  const approvals = await store.transaction(transaction => askFor(transaction, org, { turn, count: amounts.approvals }))
  return {
    number,
    messages: kept.slice(1).map(({ id }) => id),
    bindings,
    turn,
    asked: asked.id,
    approvals,
    session: 'none',
  }
}

/** A network where nobody listens. */
const NOWHERE = { WHATSAPP_WEB_SOCKET_URL: 'ws://127.0.0.1:1', WHATSAPP_NOISE_ROOT_KEY: '00'.repeat(32) }

/** The whole channel in this process, without a line to WhatsApp, and an org in it that has as much as it may. */
export async function fullOrg(org: OrgId, amounts: Amounts) {
  const made = await testHost({ agents: agentsThat(() => never()), environment: NOWHERE })
  const channel = await openChannel(made.host)
  const store = await openStore(join(made.host.dataFolder, 'whatsapp.db'))
  const key = { org, account: DEFAULT_ACCOUNT }
  const { operations } = channel
  const filled = await fill(store, key, amounts)
  await operations.policies.put(org, { name: 'whatsapp', source: 'package agentcy.whatsapp\n\ndeny["x"] { false }\n' })
  const sends: string[] = []
  for (let n = 0; n < 20; n += 1)
    sends.push((await operations.sends.send(key, { to: numberOf(n), text: 'waits' }, null)).id)
  return {
    host: made.host,
    account: DEFAULT_ACCOUNT,
    operations,
    full: { ...filled, sends, policy: 'whatsapp' } satisfies FullOrg,
    [Symbol.asyncDispose]: async () => {
      await store.close()
      await channel.stop()
      await channel.close()
      await made[Symbol.asyncDispose]()
    },
  }
}

async function* never(): AsyncGenerator<string> {
  yield* []
}
