import type { Address } from '../../plugin/contract/ids.ts'
import { DeliveryFeed } from '../../plugin/outbox/delivery-feed.ts'
import { Outbox } from '../../plugin/outbox/outbox.ts'
import { SendRateLimiter } from '../../plugin/outbox/rate-limiter.ts'
import { SendRequests } from '../../plugin/outbox/send-requests.ts'
import type { Store } from '../../plugin/store/database.ts'
import { alone } from './alone.ts'
import { noFiles, rendersWith } from './files.ts'
import { keptLog } from './host.ts'
import { StandInGateway } from './stand-in-gateway.ts'
import { ACCOUNT } from './store.ts'
import { defaults } from './turns.ts'
import { everybodyKnown } from './contacts.ts'

/** What is said through the API, on its way out through an outbox that paces nothing. */
export function outboxOf(store: Store, { gateway = new StandInGateway(), enclosures = noFiles } = {}) {
  const kept = keptLog()
  const heads: number[] = []
  const pace = new SendRateLimiter(store, () => null, Math.random)
  const deliveries = new DeliveryFeed({ store, pace, contacts: everybodyKnown, shares: alone, isUp: () => true })
  const outbox = new Outbox({
    isCaughtUp: () => true,
    contacts: everybodyKnown,
    store,
    gateway,
    pace,
    render: rendersWith(gateway),
    log: kept.log,
    onAccepted: (_, seq) => heads.push(seq),
    onChanged: org => deliveries.wake(org),
  })
  const sending = new SendRequests({ store, shares: alone, outbox, enclosures, settings: () => defaults })
  const say = (to: Address | string, text: string, key: string | null = null) =>
    sending.send(ACCOUNT, { to, text }, key)
  const stop = async (): Promise<void> => {
    await outbox.stop()
    await outbox.settled()
  }
  return { outbox, sending, deliveries, say, gateway, heads, stop, ...kept, [Symbol.asyncDispose]: stop }
}
