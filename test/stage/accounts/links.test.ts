import { expect, it } from 'vitest'

import { Accounts } from '../../../plugin/accounts/accounts.ts'
import { ConnectionStates } from '../../../plugin/accounts/connection-states.ts'
import { SettingsInForce } from '../../../plugin/config/settings-in-force.ts'
import { readEnvironment } from '../../../plugin/config/environment.ts'
import { readSettings } from '../../../plugin/config/settings.ts'
import { BacklogWait } from '../../../plugin/accounts/backlog-wait.ts'
import type { CommandName, GatewayCommands } from '../../../plugin/contract/gateway-protocol.ts'
import { Inbox } from '../../../plugin/inbox/inbox.ts'
import { AccountLifecycle, type AccountLifecycleParts } from '../../../plugin/accounts/account-lifecycle.ts'
import { Outbox } from '../../../plugin/outbox/outbox.ts'
import { SendRateLimiter } from '../../../plugin/outbox/rate-limiter.ts'
import { PairingSessions } from '../../../plugin/accounts/pairing-sessions.ts'
import type { Store } from '../../../plugin/store/database.ts'
import { alone } from '../../support/alone.ts'
import { rendersWith } from '../../support/files.ts'
import { testHost } from '../../support/host.ts'
import { noRules } from '../../support/rules.ts'
import { StandInGateway } from '../../support/stand-in-gateway.ts'
import { ACCOUNT, linkedStore } from '../../support/store.ts'
import { everybodyKnown } from '../../support/contacts.ts'
import { searchingIn } from '../../support/job-runner.ts'

/** A gateway that notes the commands about accounts and answers `account.unlink` when it is told to. */
class UnlinkingGateway implements Pick<
  AccountLifecycleParts['gateway'],
  'start' | 'call' | 'reconfigure' | 'needsAnother'
> {
  readonly asked: CommandName[] = []
  answerUnlink = (): void => undefined
  noteUnlink = (): void => undefined
  readonly unlinkAsked = new Promise<void>(resolve => (this.noteUnlink = resolve))
  readonly unlinking = new Promise<void>(resolve => (this.answerUnlink = resolve))

  start = (): Promise<void> => Promise.resolve()
  needsAnother = (): boolean => false
  reconfigure = (): Promise<boolean> => Promise.resolve(false)

  async call<Name extends CommandName>(
    name: Name,
    input: GatewayCommands[Name]['input'],
  ): Promise<GatewayCommands[Name]['output']> {
    this.asked.push(name)
    if (name === 'account.unlink') {
      this.noteUnlink()
      await this.unlinking
    }
    const answers: Partial<{ [Key in CommandName]: GatewayCommands[Key]['output'] }> = {
      'account.open': { state: { status: 'connecting' } },
      'account.unlink': { unlinked: true },
    }
    return (answers[name] ?? new StandInGateway().call(name, input)) as Promise<GatewayCommands[Name]['output']>
  }
}

function linksOf(store: Store, host: AccountLifecycleParts['host'], gateway: UnlinkingGateway): AccountLifecycle {
  const environment = readEnvironment({ HOME: '/nonexistent' })
  const parts = { store, log: host.log, gateway: new StandInGateway() }
  return new AccountLifecycle({
    host,
    environment,
    store,
    gateway,
    settings: new SettingsInForce(readSettings({}, environment)),
    onOpened: () => undefined,
    accounts: new Accounts(store, new ConnectionStates(host.log, () => null)),
    pairings: new PairingSessions(),
    inbox: new Inbox({
      shares: alone,
      ...parts,
      ...noRules,
      onCommitted: () => undefined,
      onTimeLock: () => undefined,
      onReleased: () => undefined,
      catchingUp: new BacklogWait(),
      searching: searchingIn(store),
    }),
    outbox: new Outbox({
      isCaughtUp: () => true,
      contacts: everybodyKnown,
      ...parts,
      pace: new SendRateLimiter(store, () => null, Math.random),
      render: rendersWith(parts.gateway),
      onAccepted: () => undefined,
      onChanged: () => undefined,
    }),
  })
}

it('a gateway that comes back while an account is unlinked does not open it again', async () => {
  await using made = await testHost()
  await using opened = await linkedStore()
  const gateway = new UnlinkingGateway()
  const links = linksOf(opened.store, made.host, gateway)
  const unpaired = links.unpair(ACCOUNT)
  await gateway.unlinkAsked
  const backAgain = links.openAll()
  gateway.answerUnlink()
  await Promise.all([unpaired, backAgain])
  expect(gateway.asked.slice(gateway.asked.indexOf('account.unlink'))).toEqual(['account.unlink'])
})
