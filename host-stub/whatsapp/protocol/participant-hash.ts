import { createHash } from 'node:crypto'
import { personalAddress, type Account, type Companion } from '../world/accounts.ts'
import type { AddressingMode } from '../world/groups.ts'
import { hostedNumber } from './hosted-device.ts'
import type { Chat } from '../world/messages.ts'

const hashBytes = 6

/** The hash of a list of devices, each in its full form. */
export function participantHash(devices: string[]): string {
  const hash = createHash('sha256').update(devices.toSorted().join('')).digest()
  return `2:${hash.subarray(0, hashBytes).toString('base64')}`
}

/** The devices that get the messages of a chat, including the sender's own. Devices hosted by WhatsApp are not in groups. */
export function chatDevices(from: Companion, chat: Chat, mode: AddressingMode): string[] {
  if ('group' in chat) return chat.group.members.flatMap(member => devicesOf(member, mode))
  const people = [...new Set([from.account, chat.peer])]
  return people.flatMap(person => [...devicesOf(person, mode), ...(person.hosted ? [hostedOf(person, mode)] : [])])
}

/** The full form of a device, for the hash. */
export function inFull(user: string, device: number, server: string): string {
  return `${user}.0:${device}@${server}`
}

function devicesOf(account: Account, mode: AddressingMode): string[] {
  const { user, server } = personalAddress(account, mode === 'lid' ? 'lid' : 's.whatsapp.net')
  return [0, ...account.companions.keys()].map(device => inFull(user, device, server))
}

function hostedOf(account: Account, mode: AddressingMode): string {
  return mode === 'lid'
    ? inFull(account.lid, hostedNumber, 'hosted.lid')
    : inFull(account.phoneNumber, hostedNumber, 'hosted')
}
