import { AgentFailures } from '../../plugin/health/agent-failures.ts'
import { Ingest } from '../../plugin/inbox/ingest.ts'
import type { AttemptParts, Reply } from '../../plugin/turns/attempt.ts'
import { readSettings, type Settings } from '../../plugin/config/settings.ts'
import { readEnvironment } from '../../plugin/config/environment.ts'
import type { Agents } from '../../plugin/contract/host.ts'
import type { InboundMessage } from '../../plugin/contract/message.ts'
import { addBinding } from '../../plugin/store/accounts/bindings.ts'
import type { Store } from '../../plugin/store/database.ts'
import { listMessages, textOfStored } from '../../plugin/store/messages/messages.ts'
import { TurnRunner, type TurnListener } from '../../plugin/turns/turn-runner.ts'
import { alone } from './alone.ts'
import { agentsThat, keptLog } from './host.ts'
import { keptAudit, unapproved, unjudged } from './policies.ts'
import { rulesThatSay } from './rules.ts'
import { ACCOUNT, type OpenedStore, ORG } from './store.ts'

export const defaults: Settings = readSettings({}, readEnvironment({ HOME: '/' }))

/** Stores messages that a binding takes. */
export async function matched(store: Store, ...messages: InboundMessage[]): Promise<void> {
  await store.transaction(async trx => {
    const binding = await addBinding(trx, ORG, { agent: 'echo', rule: {} })
    const admission = new Ingest(trx, ACCOUNT, rulesThatSay({ outcome: 'matched', binding }))
    for (const message of messages) await admission.message(message)
  })
}

export async function outcomes(store: Store): Promise<string[]> {
  const messages = await listMessages(store.connection, ORG, { after: 0, limit: 1_000 })
  return messages.map(message => `${textOfStored(message)} → ${message.outcome}`)
}

/** Nobody listens to how turns go. */
export const deaf: TurnListener = { judged: () => undefined, attempted: () => undefined, ended: () => undefined }

export type Run = Agents['run']

type Asked = Pick<AttemptParts, 'audit' | 'judge' | 'seekApproval'>

/** Turns that an agent runs, with all that it replied. */
export async function running(
  store: Store,
  run: Run,
  {
    judge = unjudged,
    seekApproval = unapproved,
    audit = keptAudit().audit,
    ...settings
  }: Partial<Settings> & Partial<Asked> = {},
) {
  const said: (Reply & { readonly said: string; readonly text: string })[] = []
  const kept = keptLog()
  const turns = new TurnRunner({
    failures: new AgentFailures(),
    shares: alone,
    roleOf: () => Promise.resolve('viewer'),
    listener: deaf,
    store,
    log: kept.log,
    agents: agentsThat(run),
    settings: () => ({ ...defaults, ...settings }),
    audit,
    judge,
    seekApproval,
    markInProgress: () => () => undefined,
    say: reply => {
      said.push({ ...reply, text: reply.wording.text ?? '', said: `${reply.turn.id}#${reply.index}` })
      return Promise.resolve('accepted' as const)
    },
    random: () => 0,
  })
  await turns.open()
  return { turns, said, ...kept, [Symbol.asyncDispose]: () => turns.close() }
}

/** The process dies: its store is opened anew by the next one, and nothing it still does is kept. */
export async function killed(opened: OpenedStore, running: AsyncDisposable): Promise<OpenedStore> {
  const again = await opened.reopened()
  await running[Symbol.asyncDispose]()
  return again
}
