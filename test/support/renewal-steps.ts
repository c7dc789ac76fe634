import type { Chat, GroupId } from '../../plugin/contract/ids.ts'
import type { JournalTown } from './journal-town.ts'
import type { BareClient } from './network-client.ts'
import type { GroupCharacter } from './network.ts'
import { expect } from 'vitest'

export const chatIn = ({ id }: GroupCharacter): Chat => ({ kind: 'group', group: id as GroupId })

/** The gateway has dealt with all that the network has for it. */
export const settled = ({ network }: JournalTown) => network.ledgerWhen(page => page.queued['owner:1'] === 0)

export async function saysAll({ gateway }: JournalTown, chat: Chat, ids: string[]): Promise<void> {
  for (const id of ids) expect(await gateway.say(chat, id, `text of ${id}`)).toEqual({ outcome: 'sent' })
}

/** The line is given up, and made again after what happens meanwhile. */
export async function whileOffline({ gateway }: JournalTown, meanwhile: () => Promise<unknown>): Promise<void> {
  await gateway.supervisor.call('account.close', gateway.account)
  await meanwhile()
  const after = gateway.events.length
  await gateway.open()
  await gateway.connection('connected', after)
}

/** The process dies, and the next one takes over after what happens meanwhile. */
export async function whileDead({ gateway }: JournalTown, meanwhile: () => Promise<unknown>): Promise<void> {
  const times = gateway.readyTimes()
  process.kill(gateway.supervisor.pid() ?? 0, 'SIGKILL')
  await meanwhile()
  await gateway.whenReady(times + 1)
  const after = gateway.events.length
  await gateway.open()
  await gateway.connection('connected', after)
}

export const computerHears = (computer: BareClient, text: string) =>
  computer.receives(({ message }) => (message?.conversation ?? message?.extendedTextMessage?.text) === text)

/** What a computer makes of a group message with the keys that it has, as if it had got hold of it. */
export async function pries(
  computer: BareClient,
  town: JournalTown,
  { team, id }: { team: GroupCharacter; id: string },
) {
  const { network } = town
  const { ciphertext, lid, device } = await network.overheard(id)
  return computer.socket.signalRepository
    .decryptGroupMessage({ group: team.id, authorJid: `${lid}:${device}@lid`, msg: Buffer.from(ciphertext, 'base64') })
    .then(
      () => 'is read',
      () => 'cannot be read',
    )
}
