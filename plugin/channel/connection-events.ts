import type { Accounts } from '../accounts/accounts.ts'
import type { Audit } from '../contract/audit.ts'
import { isUp } from '../contract/connection.ts'
import type { GatewayEvent } from '../contract/gateway-protocol.ts'
import type { Log } from '../contract/host.ts'
import type { AccountKey } from '../contract/ids.ts'
import type { InboundFiles } from '../media/inbound-files.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { AccountLifecycle } from '../accounts/account-lifecycle.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { PairingSessions } from '../accounts/pairing-sessions.ts'
import { rowId } from '../store/sql/row-id.ts'

/** What the gateway reports about an account's link. */
export type ConnectionEvent = Extract<GatewayEvent, { event: 'connection' | 'pairing' }>

/** The parts that handle connection events. */
export type ConnectionEventParts = {
  readonly accounts: Accounts
  readonly pairings: PairingSessions
  readonly lifecycle: Pick<AccountLifecycle, 'refuse'>
  readonly inbox: Pick<Inbox, 'wake'>
  readonly outbox: Pick<Outbox, 'connected' | 'disconnected' | 'banned'>
  readonly fetching: Pick<InboundFiles, 'connected'>
  readonly audit: Audit
  readonly log: Log
}

/**
 * Passes an event on to every part that handles it. Events are handled one at a time, in the order in which they arrived. The
 * outbox sends while an account is connected.
 */
export async function handleConnectionEvent(parts: ConnectionEventParts, event: ConnectionEvent): Promise<void> {
  const { accounts, pairings, outbox, fetching, inbox, lifecycle } = parts
  const key = { org: event.org, account: event.account }
  if (event.event === 'pairing') {
    // The pairing of a number that may not stay ends in another way, once the number is gone.
    const isRefused = event.state.status === 'connected' && !isUp(accounts.state(key))
    if (isRefused) return
    if (event.state.status === 'connected') await tellLinked(parts, key)
    return pairings.observe(key, event.session, event.state)
  }
  const observed = await accounts.observe(key, event.state)
  if (observed === 'number_in_use') void lifecycle.refuse(key)
  if (observed !== 'shown') return
  if (isUp(event.state)) {
    void inbox.wake(key)
    await outbox.connected(key, event.state.phone)
    await fetching.connected(key)
  } else {
    if (event.state.status === 'waiting' && event.state.reason === 'temporary_ban') {
      await outbox.banned(key, event.state.retryAt)
    }
    outbox.disconnected(key)
  }
}

/** The link already exists at this point, so a failing audit log does not undo it. */
const tellLinked = (
  { audit, log }: Pick<ConnectionEventParts, 'audit' | 'log'>,
  { org, account }: AccountKey,
): Promise<void> =>
  audit
    .append(org, {
      category: 'channel',
      action: 'channel.pair',
      decision: 'allow',
      user: null,
      resource: { channel: 'whatsapp', account },
      rule: null,
      input: {},
      requestId: rowId('req'),
      latencyMs: null,
    })
    .catch(() => log.error({ org, account }, 'pairing not audited'))
