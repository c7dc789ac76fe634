import { wireConnection } from '../../plugin/views/api-state.ts'
import type { WireAccount, WireChannel } from '../../plugin/contract/api/channels.ts'
import type { ConnectionState, PairingState } from '../../plugin/contract/connection.ts'
import { ChannelError } from '../../plugin/contract/errors/errors.ts'
import {
  type AccountKey,
  type AccountName,
  DEFAULT_ACCOUNT,
  type OrgId,
  type Phone,
} from '../../plugin/contract/ids.ts'
import type { AccountPairing, BegunPairing } from '../../plugin/contract/api/pairing.ts'
import type { Operations } from '../../plugin/contract/operations.ts'
import { createCell, statesOf } from './cell.ts'

/** An account of an org, in memory. */
export const createAccount = () => ({
  configured: false,
  connection: createCell<ConnectionState>({ status: 'not_configured' }),
})
export type Account = ReturnType<typeof createAccount>
export type Pairing = { account: AccountName; states: ReturnType<typeof createCell<PairingState>> }
export type Confirmed = AccountKey & { readonly phone: Phone }

type Org = {
  readonly accounts: ReadonlyMap<AccountName, Account>
  readonly pairings: Map<string, Pairing>
  readonly bindings: readonly unknown[]
}
type World = {
  readonly at: (org: OrgId) => Org
  readonly accountAt: (key: AccountKey) => Account
  readonly configured: (key: AccountKey) => Account
  readonly pairingOf: (org: OrgId, session: string) => Pairing
  readonly id: (kind: string) => string
  readonly confirmed: Confirmed[]
}

function wireAccount(account: AccountName, { connection }: Account): WireAccount {
  const state = wireConnection(connection.get())
  return {
    account,
    phone: state.phone,
    display_name: null,
    connection: state,
    last_connected_at: null,
    new_chats_locked_until: null,
    web_version: null,
    client_expires_at: null,
    backlog: null,
    health: {
      transport: { status: 'unknown', evidence_at: null },
      admission: { status: 'unknown', reason: null, evidence_at: null },
    },
  }
}

function wireChannel({ accounts, bindings }: Org): WireChannel {
  const configured = [...accounts].filter(([, account]) => account.configured)
  const all = configured.map(([name, account]) => wireAccount(name, account))
  const {
    account: _name,
    phone: _phone,
    health: _health,
    ...first
  } = all[0] ?? wireAccount(DEFAULT_ACCOUNT, createAccount())
  return {
    channel: 'whatsapp',
    configured: all.length > 0,
    ...first,
    bindings: bindings.length,
    named_numbers: [],
    problems: [],
    retention: { days: 180, chosen: false },
    accounts: all,
  }
}

type Links = Pick<Operations, 'accounts' | 'channels' | 'reloads'>

/** What is asked of links, in memory. */
export function linksOf({ at, accountAt, configured, confirmed }: World): Links {
  const accounts: Operations['accounts'] = {
    async configure(key) {
      const { connection } = Object.assign(accountAt(key), { configured: true })
      if (connection.get().status === 'not_configured') connection.set({ status: 'not_paired', reason: null })
    },
    async unpair(key) {
      configured(key).configured = false
      accountAt(key).connection.set({ status: 'not_configured' })
      return { unlinked: true }
    },
    async test(key) {
      const state = configured(key).connection.get()
      if (state.status !== 'connected') throw new ChannelError('not_paired')
      return { phone: state.phone }
    },
    async confirm(key, phone) {
      confirmed.push({ ...key, phone })
    },
  }
  return { accounts, channels: { list: async name => [wireChannel(at(name))] }, reloads: { reload: async () => {} } }
}

type Pairings = Pick<Operations, 'connections' | 'linking' | 'pairings'>

/** What every pairing by code is given. */
export const PAIRING_CODE = 'K3WA7XQ2'

/** The one answer to a passkey that is taken. */
export const PASSKEY_ANSWER = '{"id":"good"}'

/** What is asked of pairings, in memory. */
export function pairingsOf({ at, accountAt, configured, pairingOf, id }: World): Pairings {
  const begin = (key: AccountKey, state: BegunPairing['state']) => {
    const { connection } = configured(key)
    if (connection.get().status === 'connected') throw new ChannelError('already_connected')
    const session = id('qr')
    at(key.org).pairings.set(session, { account: key.account, states: createCell<PairingState>(state) })
    return { session, state }
  }
  const linking: Operations['linking'] = {
    startPairing: async key => begin(key, { status: 'pending', qr: 'first-code', expiresAt: Date.now() + 60_000 }),
    startCodePairing: async key =>
      begin(key, { status: 'pending', pairingCode: PAIRING_CODE, expiresAt: Date.now() + 160_000 }),
    async answerPasskey(name, session, assertion) {
      const { states } = pairingOf(name, session)
      const state = states.get()
      if (!('passkey' in state) || state.passkey.step !== 'wanted') return { outcome: 'not_awaited' }
      if (assertion !== PASSKEY_ANSWER) return { outcome: 'refused', problem: 'not_json' }
      states.set({ ...state, passkey: { step: 'given' } })
      return { outcome: 'given' }
    },
    async confirmPasskey(name, session) {
      const { states } = pairingOf(name, session)
      const state = states.get()
      if (!('passkey' in state) || state.passkey.step !== 'compare') return false
      states.set({ ...state, passkey: { step: 'given' } })
      return true
    },
  }
  const pairings: Operations['pairings'] = {
    state(name, session): AccountPairing {
      const { account, states } = pairingOf(name, session)
      return { account, state: states.get() }
    },
    async *watch(name, session, signal) {
      const { account, states } = pairingOf(name, session)
      for await (const state of statesOf(states, signal)) {
        yield { account, state }
        if (state.status !== 'pending') return
      }
    },
  }
  return { linking, pairings, connections: { watch: (key, signal) => statesOf(accountAt(key).connection, signal) } }
}
