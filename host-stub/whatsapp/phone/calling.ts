import type { Account } from '../world/accounts.ts'
import { makeMessageId } from '../wire/message-id.ts'
import { addressOf } from './speaking.ts'
import { secondsNow, stanza } from '../wire/stanza.ts'

/** A phone calls another one; the callee's linked devices are notified. */
export function call(caller: Account, callee: Account, video: boolean): string {
  const id = makeMessageId()
  const from = addressOf(caller, 'lid')
  const offer = { 'call-id': id, 'call-creator': from, caller_pn: addressOf(caller, 'pn') }
  for (const { queue } of callee.companions.values()) {
    const attributes = { from, id: makeMessageId(), t: secondsNow(), notify: caller.pushName }
    queue.post(stanza('call', attributes, [stanza('offer', offer, [stanza(video ? 'video' : 'audio', {})])]))
  }
  return id
}
