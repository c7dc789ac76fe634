import { describe, expect, it } from 'vitest'

import { bundleFaults, type BundleFault } from '../../../host-stub/whatsapp/world/faults.ts'
import { type AccountKey, type Chat, type GroupId, parseOrgId } from '../../../plugin/contract/ids.ts'
import { given } from '../../support/given.ts'
import { chatWith, qrOf, startGateway, type RunningGateway } from '../../support/gateway.ts'
import { isText, textsIn } from '../../support/journal-entries.ts'
import { journalTown } from '../../support/journal-town.ts'
import type { PhoneCharacter, RunningNetwork } from '../../support/network.ts'

/** How many computers a phone can be linked to; with the phone they are five devices. */
const COMPUTERS = [1, 2, 3, 4]

/** The computers of one person: accounts of one more gateway. */
async function computersOf(phone: PhoneCharacter, network: RunningNetwork) {
  const gateway = await startGateway({ network })
  const keyOf = (computer: number): AccountKey => ({
    ...gateway.account,
    org: given(parseOrgId(`computer_${computer}`)),
  })
  let sessions = 0
  const link = async (computer: number): Promise<void> => {
    const [key, session, after] = [keyOf(computer), `qrs_${(sessions += 1)}`, gateway.events.length]
    await gateway.supervisor.call('account.open', key)
    await gateway.supervisor.call('pairing.start', { ...key, session })
    const shown = await gateway.pairing(session, 'pending', after)
    await phone.scan(qrOf(shown))
    await gateway.pairing(session, 'connected', after)
  }
  return {
    linkAll: async () => {
      for (const computer of COMPUTERS) await link(computer)
    },
    /** Every one of them has noticed that it was removed. */
    removed: async () => {
      for (const computer of COMPUTERS) await gateway.event(each => isRemoval(each, keyOf(computer)))
    },
    hear: async (computer: number, text: string) => {
      await journalHas(gateway, keyOf(computer), text)
    },
    heard: async (computer: number) => textsIn((await journalOf(gateway, keyOf(computer))).entries),
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  }
}

const isRemoval = (each: RunningGateway['events'][number], { org }: AccountKey): boolean =>
  each.event === 'connection' &&
  each.org === org &&
  each.state.status === 'stopped' &&
  each.state.reason === 'logged_out'

const journalOf = ({ supervisor }: RunningGateway, key: AccountKey) =>
  supervisor.call('journal.pull', { ...key, after: 0, limit: 1_000 })

async function journalHas(gateway: RunningGateway, key: AccountKey, text: string): Promise<void> {
  for (;;) {
    const after = gateway.events.length
    const { entries } = await journalOf(gateway, key)
    if (entries.some(entry => entry.kind === 'message' && isText(text)(entry.message))) return
    await gateway.event(each => each.event === 'journal' && each.org === key.org, after)
  }
}

describe('F37: a peer with five devices that installed WhatsApp anew', () => {
  it.each(bundleFaults)('is reached on all of them but the one whose keys are spoilt: %s', async fault => {
    await using town = await journalTown()
    const { network, gateway, alice } = town
    await using computers = await computersOf(alice, network)
    await computers.linkAll()
    expect(await gateway.say(chatWith(alice), '3EB0AAAAAAAAAAAAAAAAAA', 'before')).toEqual({ outcome: 'sent' })
    await alice.hears('before')
    for (const computer of COMPUTERS) await computers.hear(computer, 'before')

    await alice.reinstalls()
    await computers.removed()
    await computers.linkAll()
    const broken = 2
    await network.faults.bundle(alice, COMPUTERS.length + broken, fault)
    expect(await gateway.say(chatWith(alice), '3EB0BBBBBBBBBBBBBBBBBB', 'after')).toEqual({ outcome: 'sent' })
    await alice.hears('after')
    for (const computer of COMPUTERS) if (computer !== broken) await computers.hear(computer, 'after')
    expect(await computers.heard(broken)).not.toContain('after')
    expect(leftOut(gateway)).toBe(1)

    await network.faults.bundle(alice, COMPUTERS.length + broken, null)
    await gateway.say(chatWith(alice), '3EB0CCCCCCCCCCCCCCCCCC', 'and then')
    await computers.hear(broken, 'and then')
  })
})

/** How often one of our messages went out without a device, as the log says it. */
const leftOut = ({ lines }: RunningGateway) => lines.filter(({ event }) => event === 'device left out').length

describe('F37: a person whose only device has spoilt keys', () => {
  it.each<BundleFault>(['bad_signature', 'refused'])(
    'gets nothing, and the send is not called sent: %s',
    async fault => {
      await using town = await journalTown()
      const { network, gateway, alice } = town
      await network.faults.bundle(alice, 0, fault)
      const outcome = await gateway.say(chatWith(alice), '3EB0AAAAAAAAAAAAAAAAAA', 'to nobody')
      expect(outcome).toEqual({ outcome: 'rejected', code: null, reason: 'no_recipient_device' })
      expect((await network.message('3EB0AAAAAAAAAAAAAAAAAA')).transmissions).toBe(0)
      await network.faults.bundle(alice, 0, null)
      expect(await gateway.say(chatWith(alice), '3EB0AAAAAAAAAAAAAAAAAA', 'to nobody')).toEqual({ outcome: 'sent' })
      await alice.hears('to nobody')
    },
  )

  it.each<BundleFault>(['bad_signature', 'no_identity'])('keeps nobody else in a group from it: %s', async fault => {
    await using town = await journalTown()
    const { network, gateway, owner, alice, bob } = town
    const group = await network.group('Team', [owner, alice, bob])
    const chat: Chat = { kind: 'group', group: group.id as GroupId }
    await network.faults.bundle(alice, 0, fault)
    expect(await gateway.say(chat, '3EB0AAAAAAAAAAAAAAAAAA', 'to all')).toEqual({ outcome: 'sent' })
    await bob.hears('to all')
    // She has no key for what she was sent, and asks for it with keys that are good.
    await alice.hears('to all')
  })
})
