import { describe, expect, it } from 'vitest'

import type { CommandName } from '../../../plugin/contract/gateway-protocol.ts'
import { asChannelError, ChannelError } from '../../../plugin/contract/errors/errors.ts'
import type { AccountKey } from '../../../plugin/contract/ids.ts'
import {
  accountTown,
  type AccountTown,
  DESK,
  endOf,
  entryOf,
  link,
  OTHER,
  receiverAt,
  SALES,
  SALES_NUMBER,
  textsOf,
} from '../../support/account-town.ts'
import { ALICE, emptyStore, given, OUR_NUMBER, textFrom } from '../../support/store.ts'

const refusal = async (promise: Promise<unknown>) => asChannelError(await promise.catch((error: unknown) => error))

const REFUSED = { phone: null, connection: { status: 'not_paired', phone: null, reason: 'number_in_use' } }

/** Something else is done to an account, until it is let through: a removal has to wait for it. */
function holdUp(town: AccountTown, key: AccountKey, note: (name: CommandName) => unknown = () => undefined) {
  let letThrough = (): void => undefined
  const through = new Promise<void>(resolve => (letThrough = resolve))
  town.gateway.before = name => {
    note(name)
    return name === 'account.open' ? through : undefined
  }
  const done = town.links.configure(key, { fields: {} })
  return { end: () => Promise.resolve(letThrough()).then(() => done) }
}

describe('a number that is linked already', () => {
  it.each([
    ['in another account of the org', SALES],
    ['in another org', OTHER],
  ])('%s is not linked again: the new device is removed at once, and the older one stays', async (_, late) => {
    await using opened = await emptyStore()
    await using town = await accountTown(opened)
    await link(town, DESK)
    expect(await link(town, late)).toEqual({ status: 'conflict' })
    expect(town.gateway.devicesOf(OUR_NUMBER)).toEqual([DESK])
    await town.heard()
    expect(town.accounts.state(DESK)).toMatchObject({ status: 'connected', phone: OUR_NUMBER })
    expect(await entryOf(town, late)).toMatchObject(REFUSED)
    const unsent = town.sending.send(late, { to: given(ALICE.phone), text: 'hello' }, null)
    expect(await refusal(unsent)).toMatchObject({ code: 'not_paired' })
    expect(JSON.stringify(town.lines.filter(({ fields }) => fields['org'] === late.org))).not.toContain(OUR_NUMBER)

    const { session } = await town.links.startPairing(late)
    town.gateway.scan(late, SALES_NUMBER)
    town.gateway.logIn(late)
    expect(await endOf(town, late, session)).toEqual({ status: 'connected', phone: SALES_NUMBER })
    expect(await entryOf(town, late)).toMatchObject({ phone: SALES_NUMBER, connection: { reason: null } })
  })

  it('is removed once, however often the new device says that it is connected', async () => {
    await using opened = await emptyStore()
    await using town = await accountTown(opened)
    await link(town, DESK)
    const session = await town.showCode(OTHER)
    town.gateway.scan(OTHER, OUR_NUMBER)
    const removals: string[] = []
    const busy = holdUp(town, OTHER, name => name === 'account.unlink' && removals.push(name))
    town.gateway.logIn(OTHER)
    town.gateway.logIn(OTHER)
    await town.heard()
    await busy.end()
    expect(await endOf(town, OTHER, session)).toEqual({ status: 'conflict' })
    await town.links.startPairing(OTHER)
    expect(removals).toHaveLength(1)
  })

  it('has no message taken in by the new device, whenever it came', async () => {
    await using opened = await emptyStore()
    await using town = await accountTown(opened)
    await link(town, DESK)
    const session = await town.showCode(OTHER)
    town.gateway.scan(OTHER, OUR_NUMBER)
    town.gateway.receive(OTHER, textFrom(ALICE, 'before it is known whose it is'))
    await town.inbox.wake(OTHER)
    town.gateway.before = name => {
      if (name === 'account.unlink') town.gateway.receive(OTHER, textFrom(ALICE, 'while it is removed'))
    }
    town.gateway.logIn(OTHER)
    expect(await endOf(town, OTHER, session)).toEqual({ status: 'conflict' })
    await town.inbox.wake(OTHER)
    await link(town, OTHER, SALES_NUMBER)
    town.gateway.receive(OTHER, textFrom(ALICE, 'to the other number', receiverAt(SALES_NUMBER)))
    await town.inbox.wake(OTHER)
    expect(await textsOf(town, OTHER.org)).toEqual([['default', 'to the other number']])
  })

  it('has no message taken in either by an account that it was linked to before', async () => {
    await using opened = await emptyStore()
    await using town = await accountTown(opened)
    await link(town, OTHER)
    town.gateway.removeDevice(OTHER)
    await town.heard()
    await link(town, DESK)
    const session = await town.showCode(OTHER)
    town.gateway.scan(OTHER, OUR_NUMBER)
    town.gateway.receive(OTHER, textFrom(ALICE, 'before it is known whose it is'))
    await town.inbox.wake(OTHER)
    town.gateway.logIn(OTHER)
    expect(await endOf(town, OTHER, session)).toEqual({ status: 'conflict' })
    expect(await textsOf(town, OTHER.org)).toEqual([])
  })

  it('is nobody’s until it is known whose it is: what came before that is taken in then', async () => {
    await using opened = await emptyStore()
    await using town = await accountTown(opened)
    await town.showCode(DESK)
    town.gateway.scan(DESK, OUR_NUMBER)
    town.gateway.receive(DESK, textFrom(ALICE, 'at once'))
    await town.inbox.wake(DESK)
    expect(await textsOf(town)).toEqual([])
    town.gateway.logIn(DESK)
    await town.heard()
    await town.inbox.close()
    expect(await textsOf(town)).toEqual([['default', 'at once']])
  })

  it.each([
    ['the one', [DESK, OTHER]],
    ['the other', [OTHER, DESK]],
  ] as const)('at two scans at the same moment stays with exactly one: %s', async (_, order) => {
    await using opened = await emptyStore()
    await using town = await accountTown(opened)
    const sessions = [await town.showCode(DESK), await town.showCode(OTHER)] as const
    for (const key of order) town.gateway.scan(key, OUR_NUMBER)
    for (const key of order) town.gateway.logIn(key)
    const ends = await Promise.all([endOf(town, DESK, sessions[0]), endOf(town, OTHER, sessions[1])])
    expect(ends.map(({ status }) => status).toSorted()).toEqual(['conflict', 'connected'])
    expect(town.gateway.devicesOf(OUR_NUMBER)).toEqual([order[0]])
  })

  it('is not linked twice by a host that dies between the scan and the unlinking', async () => {
    await using opened = await emptyStore()
    const gateway = await (async () => {
      await using town = await accountTown(opened)
      await link(town, DESK)
      await town.showCode(OTHER)
      town.gateway.host = null
      town.gateway.scan(OTHER, OUR_NUMBER)
      town.gateway.logIn(OTHER)
      return town.gateway
    })()
    expect(gateway.devicesOf(OUR_NUMBER)).toEqual([DESK, OTHER])
    await using again = await opened.reopened()
    await using town = await accountTown(again, gateway)
    gateway.die()
    await town.links.openAll()
    await town.line('number in use unlinked')
    await town.heard()
    expect(gateway.devicesOf(OUR_NUMBER)).toEqual([DESK])
    expect(town.accounts.state(DESK)).toMatchObject({ status: 'connected' })
    expect(await entryOf(town, OTHER)).toMatchObject(REFUSED)
  })

  it('is removed at the next connection when the gateway dies before it could be', async () => {
    await using opened = await emptyStore()
    await using town = await accountTown(opened)
    await link(town, DESK)
    const dies = { yes: true }
    town.gateway.before = name => {
      if (name === 'account.unlink' && dies.yes) throw new ChannelError('gateway_unreachable')
    }
    expect(await link(town, OTHER)).toEqual({ status: 'conflict' })
    expect(town.gateway.devicesOf(OUR_NUMBER)).toEqual([DESK, OTHER])
    dies.yes = false
    town.gateway.die()
    await town.links.openAll()
    await town.line('number in use unlinked')
    expect(town.gateway.devicesOf(OUR_NUMBER)).toEqual([DESK])
  })

  it('is removed also when the line is lost before it could be, once it is back', async () => {
    await using opened = await emptyStore()
    await using town = await accountTown(opened)
    await link(town, DESK)
    const session = await town.showCode(OTHER)
    town.gateway.scan(OTHER, OUR_NUMBER)
    const busy = holdUp(town, OTHER)
    town.gateway.logIn(OTHER)
    town.gateway.loseLine(OTHER)
    await town.heard()
    await busy.end()
    expect(await endOf(town, OTHER, session)).toEqual({ status: 'conflict' })
    expect(town.gateway.devicesOf(OUR_NUMBER)).toEqual([DESK, OTHER])
    town.gateway.logIn(OTHER)
    await town.line('number in use unlinked')
    expect(town.gateway.devicesOf(OUR_NUMBER)).toEqual([DESK])
  })

  it.each([
    ['was unpaired', async (town: AccountTown) => void (await town.links.unpair(DESK))],
    ['was removed on the phone', async (town: AccountTown) => town.gateway.removeDevice(DESK)],
  ])('is free again when its device %s', async (_, free) => {
    await using opened = await emptyStore()
    await using town = await accountTown(opened)
    await link(town, DESK)
    await free(town)
    await town.heard()
    expect(await link(town, OTHER)).toEqual({ status: 'connected', phone: OUR_NUMBER })
  })

  it('hands over what it received before another number is scanned in its place', async () => {
    await using opened = await emptyStore()
    await using town = await accountTown(opened)
    await link(town, DESK)
    town.gateway.removeDevice(DESK)
    await town.heard()
    const { host } = town.gateway
    town.gateway.host = null
    town.gateway.receive(DESK, textFrom(ALICE, 'the last words'))
    town.gateway.host = host
    await town.links.startPairing(DESK)
    expect(await textsOf(town)).toEqual([['default', 'the last words']])
    town.gateway.scan(DESK, SALES_NUMBER)
    town.gateway.logIn(DESK)
    await town.heard()
    expect(await entryOf(town, DESK)).toMatchObject({ phone: SALES_NUMBER })
  })
})
