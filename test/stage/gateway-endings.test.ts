import { describe, expect, it } from 'vitest'

import { chatWith, startGateway } from '../support/gateway.ts'
import { startNetwork } from '../support/network.ts'

async function linkedTown() {
  const network = await startNetwork()
  const gateway = await startGateway({ network })
  const owner = await network.phone('owner')
  await gateway.link(owner)
  return {
    network,
    gateway,
    owner,
    alice: await network.phone('alice'),
    [Symbol.asyncDispose]: async () => {
      await gateway[Symbol.asyncDispose]()
      await network[Symbol.asyncDispose]()
    },
  }
}

type Town = Awaited<ReturnType<typeof linkedTown>>
type Row = [name: string, happens: (town: Town) => Promise<unknown>, reason: string]

/** What the table says of an end is done before anything else can happen: the line carries a message afterwards. */
async function converses({ gateway, owner, alice }: Town): Promise<void> {
  await alice.says('are you back', { to: owner })
  await gateway.entry(entry => entry.kind === 'message' && entry.message.stanzaId)
  expect(await gateway.say(chatWith(alice), '3EB0AAAAAAAAAAAAAAAAAA', 'I am')).toEqual({ outcome: 'sent' })
  await alice.hears('I am')
}

/** Ends the line so that the next login meets a refusal. */
const refusedAtLogin = (reason: number) => async (town: Town) => {
  await town.network.faults.refuseLogin(town.owner, { reason })
  await town.network.faults.drop(town.owner)
}

describe('an end that another try may mend', () => {
  it.each<Row>([
    ['the TCP line drops (428)', ({ network, owner }) => network.faults.drop(owner), 'connection_closed'],
    ['the stream is ended (428)', ({ network, owner }) => network.faults.streamEnd(owner), 'connection_closed'],
    ['503', ({ network, owner }) => network.faults.streamError(owner, 503), 'unavailable'],
    ['an error without a code (500)', ({ network, owner }) => network.faults.streamError(owner, null), 'stream_error'],
  ])('is waited out, and one login more is made: %s', async (_name, happens, reason) => {
    await using town = await linkedTown()
    const after = town.gateway.events.length
    await happens(town)
    expect(await town.gateway.connection('waiting', after)).toMatchObject({ reason, permanent: false })
    await town.gateway.connection('connected', after)
    await converses(town)
    expect((await town.network.ledger()).logins).toHaveLength(2)
  })

  it('is waited out: a refusal at the login (503)', async () => {
    await using town = await linkedTown()
    const after = town.gateway.events.length
    await refusedAtLogin(503)(town)
    await town.gateway.event(
      event => event.event === 'connection' && event.state.status === 'waiting' && event.state.reason === 'unavailable',
      after,
    )
    await town.gateway.connection('connected', after)
    expect((await town.network.ledger()).logins).toHaveLength(2)
  })

  it('is answered at once: 515', async () => {
    await using town = await linkedTown()
    const after = town.gateway.events.length
    await town.network.faults.streamError(town.owner, 515)
    await town.gateway.connection('connected', after)
    const states = town.gateway.events
      .slice(after)
      .flatMap(event => (event.event === 'connection' ? [event.state.status] : []))
    expect(states).toEqual(['connecting', 'connected'])
    expect((await town.network.ledger()).logins).toHaveLength(2)
  })

  it('is noticed and waited out: silence (408)', { timeout: 120_000 }, async () => {
    await using town = await linkedTown()
    const after = town.gateway.events.length
    await town.network.faults.silence(town.owner)
    const waiting = await town.gateway.connection('waiting', after, 45_000)
    expect(waiting.reason).toBe('connection_lost')
    await town.gateway.connection('connected', after)
    expect((await town.network.ledger()).logins).toHaveLength(2)
  })

  it('is waited out until its expiry: a temporary ban (402)', async () => {
    await using town = await linkedTown()
    const after = town.gateway.events.length
    await town.network.faults.refuseLogin(town.owner, { reason: 402, expireS: 3 })
    await town.network.faults.drop(town.owner)
    const banned = await town.gateway.event(
      event =>
        event.event === 'connection' &&
        event.state.status === 'waiting' &&
        event.state.reason === 'temporary_ban' &&
        event.state,
      after,
    )
    expect(banned.retryAt - Date.now()).toBeGreaterThan(1_000)
    const connected = await town.gateway.connection('connected', after)
    expect(connected.since).toBeGreaterThanOrEqual(banned.retryAt)
    expect((await town.network.ledger()).logins).toHaveLength(2)
  })
})

describe('an end that only a person can mend', () => {
  it.each<Row>([
    ['the device is removed on the phone (401)', ({ owner }) => owner.removesDevice(), 'logged_out'],
    ['another client took over (440)', ({ network, owner }) => network.faults.replaced(owner), 'replaced'],
    ['the login is refused with 401', refusedAtLogin(401), 'logged_out'],
    ['the login is refused with 403', refusedAtLogin(403), 'forbidden'],
    ['the login is refused with 405', refusedAtLogin(405), 'client_outdated'],
    ['the login is refused with 406', refusedAtLogin(406), 'client_refused'],
    ['the login is refused with 411', refusedAtLogin(411), 'multidevice_mismatch'],
  ])('stops the account without another login: %s', async (_name, happens, reason) => {
    await using town = await linkedTown()
    const after = town.gateway.events.length
    await happens(town)
    const stopped = await town.gateway.connection('stopped', after)
    expect(stopped).toMatchObject({ reason, permanent: true })
    expect(stopped.detail).not.toBe('')
    expect((await town.network.ledger()).logins).toHaveLength(1)
    await expect(town.gateway.supervisor.call('account.ping', town.gateway.account)).rejects.toMatchObject({
      code: 'account_stopped',
    })
  })

  it('keeps the old keys after a 401 until the next pairing succeeds', async () => {
    await using town = await linkedTown()
    const { gateway, network, owner } = town
    const after = gateway.events.length
    await owner.removesDevice()
    await gateway.connection('stopped', after)
    await gateway.supervisor.call('pairing.start', { ...gateway.account, session: 'qrs_2' })
    await gateway.pairing('qrs_2', 'pending')
    await gateway.supervisor.call('pairing.stop', { ...gateway.account, session: 'qrs_2' })

    await gateway.supervisor.call('account.close', gateway.account)
    const reopened = gateway.events.length
    expect(await gateway.open()).toMatchObject({ status: 'connecting' })
    expect(await gateway.connection('stopped', reopened)).toMatchObject({ reason: 'logged_out' })

    await gateway.link(owner, 'qrs_3')
    await converses(town)
    expect((await network.ledger()).pairings).toHaveLength(2)
  })
})
