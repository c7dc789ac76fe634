import { companionName, type Companion } from '../world/accounts.ts'
import { stanza, type Stanza } from '../wire/stanza.ts'

/** How the network ends the connection of a linked device. */
export type Ending =
  | { how: 'drop' }
  | { how: 'stream_end' }
  | { how: 'stream_error'; code: number | string | null; children: { tag: string; type?: string | undefined }[] }
  | { how: 'replaced' }
  | { how: 'silence' }

export const replaced = stanza('stream:error', {}, [stanza('conflict', { type: 'replaced' })])
export const deviceRemoved = stanza('stream:error', { code: '401' }, [stanza('conflict', { type: 'device_removed' })])

export function endLine({ connection }: Companion, ending: Ending): void {
  if (ending.how === 'drop') connection?.drop()
  else if (ending.how === 'silence') connection?.fallSilent()
  else connection?.end(farewell(ending))
}

/** Unlinks a device, as its owner does on the phone, or the device itself by logging out. */
export function removeCompanion(companion: Companion): string {
  companion.account.companions.delete(companion.number)
  companion.connection?.end(deviceRemoved)
  return companionName(companion)
}

function farewell(ending: Exclude<Ending, { how: 'drop' | 'silence' }>): Stanza {
  if (ending.how === 'replaced') return replaced
  if (ending.how === 'stream_end') return stanza('xmlstreamend')
  const children = ending.children.map(({ tag, type }) => stanza(tag, { type }))
  return stanza('stream:error', { code: ending.code === null ? undefined : String(ending.code) }, children)
}
