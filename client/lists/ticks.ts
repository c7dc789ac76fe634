import type { SendAnswer, SendChange, SendStatus } from '../../plugin/contract/api/sends.ts'
import type { WhatsAppClient } from '../client.ts'
import { follow } from './follow.ts'

/** The statuses that a command can wait for: ✓, ✓✓, and read. */
export type Tick = 'sent' | 'delivered' | 'read'
type Status = SendStatus['status']

const REACHED: Readonly<Record<Status, number>> = {
  accepted: 0,
  sent: 1,
  delivered: 2,
  read: 3,
  rejected: Number.NaN,
  expired: Number.NaN,
  cancelled: Number.NaN,
}

/** Whether a send has reached that status. */
export const hasCome = (status: Status, tick: Tick): boolean => REACHED[status] >= REACHED[tick]
/** Whether the send has failed or was cancelled, so its status changes no more. */
export const hasEnded = (status: Status): boolean => Number.isNaN(REACHED[status])

/** The ids of all accepted sends: a long text becomes several messages. */
export const idsOf = ({ id, more = [] }: SendAnswer): string[] => [id, ...more.map(each => each.id)]

type Client = WhatsAppClient['client']
/** The status to wait for, and the signal that ends the wait. */
export type Waiting = {
  readonly client: Client
  readonly tick: Tick
  readonly signal: AbortSignal
  /** Called with the status of each send once it is accepted; the send may have to wait. */
  readonly onAccepted: (send: SendStatus) => void
}

/**
 * Sends, and waits until every resulting send has reached the tick, has ended, or the signal is aborted. Returns the status of
 * each. It subscribes before it sends, so that no change is missed.
 */
export async function sendUntil(
  { client, tick, signal, onAccepted }: Waiting,
  send: () => Promise<SendAnswer>,
): Promise<SendStatus[]> {
  const settled = new Set<string>()
  let awaited: string[] | null = null
  const over = new AbortController()
  const note = ({ id, status }: Pick<SendChange, 'id' | 'status'>): void => {
    if (hasCome(status, tick) || hasEnded(status)) settled.add(id)
    if (awaited?.every(each => settled.has(each)) === true) over.abort()
  }
  let begin = (): void => undefined
  const begun = new Promise<void>(resolve => (begin = resolve))
  const followed = follow<{ data: SendChange }>(
    observer => client.whatsapp.sends.watch.subscribe(undefined, { ...observer, onStarted: () => begin() }),
    AbortSignal.any([signal, over.signal]),
    ({ data: change }) => {
      note(change)
      return 'more'
    },
  )
  const look = (ids: readonly string[]) => Promise.all(ids.map(id => client.whatsapp.sends.get.query({ id })))
  try {
    await Promise.race([begun, followed])
    const ids = idsOf(await send())
    awaited = ids
    // The query finds changes that happened before the subscription started.
    for (const found of await look(ids)) {
      onAccepted(found)
      note(found)
    }
    await followed
    return await look(ids)
  } finally {
    over.abort()
  }
}
