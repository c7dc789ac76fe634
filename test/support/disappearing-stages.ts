import { sql } from 'kysely'

import type { Artifacts } from '../../plugin/contract/host.ts'
import type { InboundMessage } from '../../plugin/contract/message.ts'
import { DisappearingMessages } from '../../plugin/retention/disappearing-messages.ts'
import type { Store } from '../../plugin/store/database.ts'
import { listMessages, textOfStored } from '../../plugin/store/messages/messages.ts'
import { keptLog } from './host.ts'
import { stagesOn } from './stages.ts'
import { ALICE, ORG, linkedStore, textFrom } from './store.ts'
import type { Run } from './turns.ts'

/** When what disappears was said. */
export const NOON = Math.floor(Date.now() / 1_000) * 1_000 - 7_200_000
export const MINUTE_S = 60

/** Alice says something, a minute after which it is gone, and at other times where that is said. */
export const asks = (text: string, expiresInSeconds: number | null = MINUTE_S, more: Partial<InboundMessage> = {}) =>
  textFrom(ALICE, text, { sentAt: NOON, expiresInSeconds, ...more })

/** So many seconds later. */
export const after = (seconds: number): number => NOON + seconds * 1_000

type Setting = { readonly run?: Run; readonly forget?: Artifacts['forget'] }

/** All stages on one store, and a clock that stands where it is put. */
export async function disappearingScene({ run, forget = () => Promise.resolve() }: Setting = {}) {
  const opened = await linkedStore()
  const { store } = opened
  const stages = await stagesOn(store, { bindings: [{}], ...(run && { run }) })
  const clock = { now: NOON }
  const keeping = { isOn: false }
  const kept = keptLog()
  const forgottenSources: string[] = []
  const forgetting = new DisappearingMessages({
    store,
    gateway: stages.gateway,
    artifacts: {
      forget: async (org, source) => {
        await forget(org, source)
        forgottenSources.push(source)
      },
    },
    log: kept.log,
    keeps: () => keeping.isOn,
    now: () => clock.now,
  })
  forgetting.listen({
    cancelled: ids => stages.turns.cancelled(ids),
    silenced: key => stages.outbox.wake(key),
  })
  const at = async (seconds: number): Promise<void> => {
    clock.now = after(seconds)
    await forgetting.wake()
  }
  return {
    ...stages,
    store,
    forgetting,
    keeping,
    forgottenSources,
    forgettingLine: kept.line,
    at,
    messages: () => listMessages(store.connection, ORG, { after: 0, limit: 1_000 }),
    said: async () =>
      (await listMessages(store.connection, ORG, { after: 0, limit: 1_000 })).map(message =>
        message.content.kind === 'forgotten' ? 'forgotten' : textOfStored(message),
      ),
    [Symbol.asyncDispose]: async () => {
      await forgetting.close()
      await stages[Symbol.asyncDispose]()
      await opened[Symbol.asyncDispose]()
    },
  }
}

/** How the turns stand. */
export const turnsIn = (store: Store) => store.connection.selectFrom('turns').select(['id', 'status', 'code']).execute()

/** Whether what is deleted or replaced in a store is overwritten by now. */
export const isOverwritten = async ({ connection }: Store): Promise<boolean> =>
  (await sql<Record<string, number>>`pragma secure_delete`.execute(connection)).rows[0]?.['secure_delete'] === 1
