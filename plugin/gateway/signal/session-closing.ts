import type { Person } from '../../contract/ids.ts'
import type { RatchetKeys } from './key-transactions.ts'
import { withoutOpen, type SessionRecord } from './session-record.ts'
import { inOrder } from './signal-order.ts'

/** From now on, messages to this person's phone use a new session; what the phone wrote in the old one can still be read. */
export async function closeSessions(keys: RatchetKeys, { lid, phone }: Person): Promise<void> {
  const addresses = [...(lid ? [`${lid}_1.0`] : []), ...(phone ? [`${phone.slice(1)}.0`] : [])]
  await inOrder(lid ?? phone?.slice(1) ?? '', () =>
    keys.commit(async () => {
      const records = (await keys.get('session', addresses)) as Record<string, unknown>
      const closed = Object.entries(records).map(([at, record]) => [at, withoutOpen(record as SessionRecord)])
      if (closed.length > 0) await keys.set({ session: Object.fromEntries(closed) as never })
    }),
  )
}
