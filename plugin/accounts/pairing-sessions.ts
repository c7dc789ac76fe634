import { Watchable } from '../base/watchable.ts'
import type { DisconnectReason, PairingState } from '../contract/connection.ts'
import { ChannelError } from '../contract/errors/errors.ts'
import type { AccountKey, OrgId } from '../contract/ids.ts'
import type { AccountPairing } from '../contract/api/pairing.ts'
import { rowId } from '../store/sql/row-id.ts'

const KEPT_PER_ACCOUNT = 8

/** One attempt to link a phone; the state is null until its first code. */
type Pairing = AccountKey & { readonly states: Watchable<PairingState | null> }

const isOver = (state: PairingState | null): boolean => state !== null && state.status !== 'pending'

const isOf = (pairing: AccountKey, { org, account }: AccountKey): boolean =>
  pairing.org === org && pairing.account === account

/**
 * The pairings of this process. They are never stored, because a code is secret and invalid after a restart. The last few of each
 * account are kept.
 */
export class PairingSessions {
  readonly #pairings = new Map<string, Pairing>()

  /** Begins a new session of an account, and expires an earlier one. */
  begin(key: AccountKey): string {
    this.expire(key, 'pairing_ended')
    const session = rowId('qr')
    this.#pairings.set(session, {
      org: key.org,
      account: key.account,
      states: new Watchable<PairingState | null>(null),
    })
    const ofAccount = [...this.#pairings].filter(([, pairing]) => isOf(pairing, key))
    for (const [old] of ofAccount.slice(0, -KEPT_PER_ACCOUNT)) this.#pairings.delete(old)
    return session
  }

  /** The id of an account's session that is not over; null if there is none. */
  underWay(key: AccountKey): string | null {
    const found = [...this.#pairings].find(([, pairing]) => isOf(pairing, key) && !isOver(pairing.states.value))
    return found?.[0] ?? null
  }

  /** Handles the gateway's report about a session. A session that is over does not change any more. */
  observe(key: AccountKey, session: string, state: PairingState): void {
    const pairing = this.#pairings.get(session)
    if (pairing && isOf(pairing, key) && !isOver(pairing.states.value)) pairing.states.publish(state)
  }

  /** Expires the sessions of one account, or of all. */
  expire(key: AccountKey | null, reason: DisconnectReason): void {
    for (const pairing of this.#pairings.values()) {
      const named = key === null || isOf(pairing, key)
      if (named && !isOver(pairing.states.value)) pairing.states.publish({ status: 'expired', reason })
    }
  }

  /** The state of an org's session. @throws ChannelError `not_found`, also before the first code. */
  state(org: OrgId, session: string): AccountPairing {
    const { account, states } = this.#find(org, session)
    if (states.value === null) throw new ChannelError('not_found')
    return { account, state: states.value }
  }

  /** The states of an org's session. Ends after a final state. */
  watch(org: OrgId, session: string, signal: AbortSignal): AsyncIterable<AccountPairing> {
    return untilOver(this.#find(org, session), signal)
  }

  /** Waits for the first state of a session; null if none arrives in time. */
  async first(org: OrgId, session: string, withinMs: number): Promise<PairingState | null> {
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), withinMs)
    try {
      for await (const { state } of this.watch(org, session, late.signal)) return state
      return null
    } finally {
      clearTimeout(timer)
    }
  }

  /** Ends every watcher. */
  end(): void {
    for (const { states } of this.#pairings.values()) states.end()
  }

  #find(org: OrgId, session: string): Pairing {
    const pairing = this.#pairings.get(session)
    if (pairing?.org !== org) throw new ChannelError('not_found')
    return pairing
  }
}

async function* untilOver(
  { account, states }: Pairing,
  signal: AbortSignal,
): AsyncGenerator<AccountPairing, void, undefined> {
  for await (const state of states.watch(signal)) {
    if (state === null) continue
    yield { account, state }
    if (isOver(state)) return
  }
}
