import type { WhatsAppClient } from '../../client/client.ts'
import type { WireTransfer } from '../../plugin/contract/api/media.ts'
import type { WireTurn } from '../../plugin/contract/api/turns.ts'
import type { WirePairing } from '../../plugin/contract/api/pairing.ts'
import type { WireMessage } from '../../plugin/contract/api/messages.ts'
import type { WireLink } from '../../plugin/contract/api/channels.ts'

/** What a subscription has told so far, and a way to wait for what it will tell. */
export type Events<Told> = Disposable & {
  readonly seen: readonly Told[]
  /** Resolves once everything from now on is told. */
  readonly begun: Promise<void>
  /** The first event, of those seen and those to come, that fits; fails when none does within the time. */
  until(fits: (told: Told) => boolean, withinMs?: number): Promise<Told>
}

type Client = WhatsAppClient['client']

type Sink<Told> = { onStarted(): void; onData(told: Told): void; onError(error: unknown): void }

/** The states of one pairing. */
export const followPairing = (client: Client, session_id: string): Events<WirePairing> =>
  follow(sink => client.whatsapp.qr.watch.subscribe({ session_id }, sink))

/** The states of an account's link. */
export const followLink = (client: Client, account = 'default'): Events<WireLink> =>
  follow(sink => client.whatsapp.connection.watch.subscribe({ account }, sink))

/** The messages after an event id, from the first one on when none is named. */
export const followMessages = (client: Client, lastEventId = '0'): Events<{ id: string; data: WireMessage }> =>
  follow(sink => client.whatsapp.messages.watch.subscribe({ lastEventId }, sink))

/** The turns, each time that one has changed. */
export const followTurns = (client: Client): Events<WireTurn> =>
  follow(sink => client.turns.watch.subscribe(undefined, sink))

/** How far files have come. */
export const followTransfers = (client: Client): Events<WireTransfer> =>
  follow(sink => client.whatsapp.transfers.watch.subscribe(undefined, sink))

function follow<Told>(subscribe: (sink: Sink<Told>) => { unsubscribe(): void }): Events<Told> {
  const seen: Told[] = []
  let wake: (() => void)[] = []
  let failure: unknown
  const changed = (): void => {
    const waiting = wake
    wake = []
    for (const each of waiting) each()
  }
  let begin: () => void = () => undefined
  const begun = new Promise<void>(resolve => (begin = resolve))
  const subscription = subscribe({
    onStarted: () => begin(),
    onData: told => {
      seen.push(told)
      changed()
    },
    onError: error => {
      failure = error
      changed()
    },
  })
  return {
    seen,
    begun,
    async until(fits, withinMs = 20_000) {
      const overdue = AbortSignal.timeout(withinMs)
      overdue.addEventListener('abort', changed)
      for (;;) {
        const found = seen.find(fits)
        if (found !== undefined) return found
        if (failure !== undefined) throw failure
        if (overdue.aborted) throw new Error(`nothing fitting came within ${withinMs} ms, of ${seen.length} events`)
        await new Promise<void>(resolve => wake.push(resolve))
      }
    },
    [Symbol.dispose]: () => subscription.unsubscribe(),
  }
}
