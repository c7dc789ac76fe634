import type { Accounts } from '../accounts/accounts.ts'
import { isUp } from '../contract/connection.ts'
import type { Host } from '../contract/host.ts'
import type { ClientExpiry } from '../accounts/client-expiry.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { GatewayListener } from '../supervisor/gateway-client.ts'
import { handleConnectionEvent, type ConnectionEventParts } from './connection-events.ts'
import type { AccountLifecycle } from '../accounts/account-lifecycle.ts'
import type { EventLoopShares } from '../base/event-loop-shares.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { NamedNumbers } from '../routing/named-numbers.ts'
import type { TransferProgressFeed } from '../media/transfer-progress.ts'
import type { AcceptedVersions } from '../accounts/accepted-versions.ts'

/** The parts that handle events of the gateway. */
export type GatewayEventParts = Omit<ConnectionEventParts, 'audit' | 'log' | 'inbox' | 'lifecycle'> & {
  readonly host: Pick<Host, 'audit' | 'log'>
  readonly accounts: Accounts
  readonly inbox: Inbox
  readonly lifecycle: Pick<AccountLifecycle, 'refuse' | 'openAll'>
  readonly metrics: Pick<Metrics, 'unknownStanzas'>
  readonly named: Pick<NamedNumbers, 'clear'>
  readonly shares: Pick<EventLoopShares, 'seen'>
  readonly transfers: Pick<TransferProgressFeed, 'moved'>
  readonly versions: AcceptedVersions
}

/** Dispatches everything that the gateway reports on its own. */
export function listenerOf(
  parts: GatewayEventParts,
  expiry: Pick<ClientExpiry, 'look'>,
  inOrder: (work: () => Promise<void> | void) => void,
): GatewayListener {
  const { accounts, inbox, lifecycle, outbox, pairings, shares, versions } = parts
  return {
    onEvent: event => {
      shares.seen(event.org)
      if (event.event === 'journal') void inbox.wake(event, event.head)
      else if (event.event === 'media') parts.transfers.moved(event)
      else if (event.event === 'heard') accounts.heard(event, event.at)
      else if (event.event === 'caught_up') void inbox.caughtUp(event, event.head)
      else if (event.event === 'backlog') accounts.backlogged(event, event.backlog)
      else if (event.event === 'unknown_stanzas') parts.metrics.unknownStanzas(event, event.tag, event.count)
      else if (event.event === 'client_expiration')
        inOrder(async () => {
          await accounts.expires(event, event)
          await expiry.look()
        })
      else {
        if (event.event === 'connection') inbox.observe(event, event.state)
        inOrder(async () => {
          await handleConnectionEvent({ ...parts, ...parts.host }, event)
          // WhatsApp could not be asked while the connection was down.
          if (event.event !== 'pairing' && isUp(event.state)) void parts.named.clear(event.org)
        })
      }
    },
    onVersion: version => {
      versions.take(version)
      accounts.announced(version)
    },
    onReady: () => void lifecycle.openAll(),
    onDown: () => {
      inbox.gatewayDown()
      inOrder(async () => {
        accounts.gatewayDown()
        pairings.expire(null, 'gateway_down')
        for (const key of await accounts.configured()) outbox.disconnected(key)
      })
    },
  }
}
