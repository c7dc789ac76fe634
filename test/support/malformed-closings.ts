import { encodeBinaryNode, type BinaryNode } from '@whiskeysockets/baileys'

import type { ConnectionState } from '../../plugin/contract/connection.ts'
import { chatWith } from './gateway.ts'
import type { JournalTown } from './journal-town.ts'
import { readable } from './malformed-line.ts'
import { malformedOnes } from './malformed-stanza.ts'
import { closingKinds } from './pairing-kinds.ts'

const PING: BinaryNode = {
  tag: 'iq',
  attrs: { id: 'Q1', from: '@s.whatsapp.net', type: 'get', xmlns: 'urn:xmpp:ping' },
}

/**
 * Says to a linked gateway last words that no server would write, so many of each kind. After each it is reloaded, and linked again
 * where its login is over; in the end it writes to somebody. Gives the states that it was in.
 */
export async function malformedClosings(town: JournalTown, each: number, seed: number): Promise<Set<string>> {
  const { gateway, owner, alice } = town
  const before = gateway.events.length
  let linked = 1
  for (const good of Object.values(closingKinds())) {
    for (const { stanza } of malformedOnes(good, each, { seed })) {
      await isTaken(town, stanza)
      const after = gateway.events.length
      await gateway.supervisor.call('account.close', gateway.account)
      const { status } = await gateway.open()
      if (status === 'not_paired') await gateway.link(owner, `qrs_${(linked += 1)}`)
      else if (status !== 'connected') await gateway.connection('connected', after)
    }
  }
  await gateway.say(chatWith(alice), 'LAST', 'still there')
  await alice.hears('still there', { from: owner, withinMs: 30_000 })
  return statesIn(gateway.events.slice(before).flatMap(event => (event.event === 'connection' ? [event.state] : [])))
}

/** The line has ended, or answers what stands behind it. */
async function isTaken({ network, owner }: JournalTown, stanza: BinaryNode): Promise<void> {
  const frames = await readable([stanza, PING].map(node => encodeBinaryNode(node)))
  const { closings } = await network.ledger()
  const pongs = async (): Promise<number> => (await network.faults.said())['iq result none'] ?? 0
  const before = await pongs()
  await network.faults.write(owner, frames)
  while ((await network.ledger()).closings.length === closings.length && (await pongs()) === before);
}

const statesIn = (states: readonly ConnectionState[]): Set<string> =>
  new Set(states.map(state => ('reason' in state ? `${state.status} ${state.reason}` : state.status)))
