import { Accounts } from '../../plugin/accounts/accounts.ts'
import { ConnectionStates } from '../../plugin/accounts/connection-states.ts'
import { SettingsInForce } from '../../plugin/config/settings-in-force.ts'
import { readEnvironment } from '../../plugin/config/environment.ts'
import { readSettings } from '../../plugin/config/settings.ts'
import { BacklogWait } from '../../plugin/accounts/backlog-wait.ts'
import type { PairingState } from '../../plugin/contract/connection.ts'
import { type AccountKey, parseAccountName, parseOrgId, type Person } from '../../plugin/contract/ids.ts'
import { MessageFeed } from '../../plugin/history/message-feed.ts'
import { Inbox } from '../../plugin/inbox/inbox.ts'
import { handleConnectionEvent } from '../../plugin/channel/connection-events.ts'
import { AccountLifecycle } from '../../plugin/accounts/account-lifecycle.ts'
import { Outbox } from '../../plugin/outbox/outbox.ts'
import { SendRateLimiter } from '../../plugin/outbox/rate-limiter.ts'
import { PairingSessions } from '../../plugin/accounts/pairing-sessions.ts'
import { RuleCache } from '../../plugin/routing/rule-cache.ts'
import { SendRequests } from '../../plugin/outbox/send-requests.ts'
import { listMessages } from '../../plugin/store/messages/messages.ts'
import { alone } from './alone.ts'
import { AccountGateway } from './account-gateway.ts'
import { noFiles, rendersWith } from './files.ts'
import { testHost } from './host.ts'
import { noRules } from './rules.ts'
import { given, type OpenedStore, ORG, OUR_NUMBER, person } from './store.ts'
import { defaults } from './turns.ts'
import { everybodyKnown } from './contacts.ts'
import { searchingIn } from './job-runner.ts'

/** A host as far as accounts and their links go, on a store and a gateway that may outlive it. */
export async function accountTown({ store }: OpenedStore, gateway = new AccountGateway()) {
  const made = await testHost()
  const { host } = made
  const environment = readEnvironment({ HOME: '/nonexistent' })
  const ruleCache = new RuleCache()
  const accounts = new Accounts(store, new ConnectionStates(host.log, () => null))
  const pairings = new PairingSessions()
  const inbox = new Inbox({
    shares: alone,
    store,
    gateway,
    log: host.log,
    ...noRules,
    rulesOf: (transaction, org) => ruleCache.rulesOf(transaction, org),
    onCommitted: () => undefined,
    onTimeLock: () => undefined,
    onReleased: () => undefined,
    catchingUp: new BacklogWait(),
    searching: searchingIn(store),
  })
  const outbox = new Outbox({
    isCaughtUp: () => true,
    contacts: everybodyKnown,
    store,
    gateway,
    log: host.log,
    pace: new SendRateLimiter(store, () => null, Math.random),
    render: rendersWith(gateway),
    onAccepted: () => undefined,
    onChanged: () => undefined,
  })
  const settings = new SettingsInForce(readSettings({}, environment))
  const onOpened = (): void => undefined
  const links = new AccountLifecycle({
    host,
    environment,
    settings,
    store,
    gateway,
    accounts,
    pairings,
    inbox,
    outbox,
    onOpened,
  })
  const fetching = { connected: () => Promise.resolve() }
  let heard: Promise<unknown> = Promise.resolve()
  gateway.host = event => {
    if (event.event === 'journal') void inbox.wake(event, event.head)
    else if (event.event === 'client_expiration') heard = heard.then(() => accounts.expires(event, event))
    else if (event.event === 'connection' || event.event === 'pairing')
      heard = heard.then(() =>
        handleConnectionEvent({ ...host, accounts, pairings, lifecycle: links, inbox, outbox, fetching }, event),
      )
  }
  await accounts.open()
  return {
    ...made,
    store,
    gateway,
    accounts,
    pairings,
    inbox,
    links,
    history: new MessageFeed(store, alone),
    sending: new SendRequests({ store, shares: alone, outbox, enclosures: noFiles, settings: () => defaults }),
    /** What the host's operator writes into the settings. */
    write: (settings: unknown): void => void (made.settings = settings),
    /** All that the gateway has told so far has been taken in. */
    heard: async (): Promise<void> => void (await heard),
    /** Configures an account and shows a code. */
    showCode: async (key: AccountKey): Promise<string> => {
      await links.configure(key, { fields: {} })
      return (await links.startPairing(key)).session
    },
    async [Symbol.asyncDispose]() {
      gateway.host = null
      await heard
      await inbox.close()
      await outbox.stop()
      await outbox.settled()
      await made[Symbol.asyncDispose]()
    },
  }
}

export type AccountTown = Awaited<ReturnType<typeof accountTown>>

/** An account of an org. */
export const keyOf = (account: string, org: AccountKey['org'] = ORG): AccountKey => ({
  org,
  account: given(parseAccountName(account)),
})
export const DESK = keyOf('default')
export const SALES = keyOf('sales')
/** The account of an org that has nothing to do with the one of the others. */
export const OTHER = keyOf('default', given(parseOrgId('org_other')))
export const SALES_NUMBER = given(person(null, '972500000009').phone)

export const receiverAt = (phone: string): { receiver: Person } => ({ receiver: person(null, phone.slice(1)) })

/** A phone scans the code of an account, which logs in; how the pairing ends. */
export async function link(town: AccountTown, key: AccountKey, phone = OUR_NUMBER): Promise<PairingState> {
  const session = await town.showCode(key)
  town.gateway.scan(key, phone)
  town.gateway.logIn(key)
  return endOf(town, key, session)
}

/** How a pairing ends. */
export async function endOf(town: AccountTown, key: AccountKey, session: string): Promise<PairingState> {
  let last: PairingState | null = null
  for await (const { state } of town.pairings.watch(key.org, session, AbortSignal.timeout(10_000))) last = state
  return given(last)
}

/** What an org's accounts have taken in. */
export const textsOf = async ({ store }: AccountTown, org = ORG): Promise<unknown[]> =>
  (await listMessages(store.connection, org, { after: 0, limit: 100 })).map(({ account, content }) => [
    account,
    'text' in content && content.text,
  ])

/** What is shown of an account. */
export const entryOf = async (town: AccountTown, { org, account }: AccountKey) =>
  (await town.accounts.catalog(org))[0]?.accounts.find(each => each.account === account)
