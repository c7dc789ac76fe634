import { encodeBinaryNode, type BinaryNode } from '@whiskeysockets/baileys'

import { qrPicture } from '../../plugin/views/qr-picture.ts'
import type { PairingState } from '../../plugin/contract/connection.ts'
import type { GatewayEvent } from '../../plugin/contract/gateway-protocol.ts'
import { parsePhone } from '../../plugin/contract/ids.ts'
import type { RunningGateway } from './gateway.ts'
import { readable } from './malformed-line.ts'
import { malformedOnes } from './malformed-stanza.ts'
import type { RunningNetwork } from './network.ts'
import { pairingKinds } from './pairing-kinds.ts'
import { given } from './given.ts'

type Scene = { readonly network: RunningNetwork; readonly gateway: RunningGateway }

const PHONE = given(parsePhone('+972500000077'))
/** What is asked of WhatsApp meanwhile takes a minute at most. */
const TOLD_MS = 90_000

/**
 * Says to a device that is being linked what no server would, so many of each kind, each to a pairing of its own: by a QR code and
 * by a typed one in turn. Every pairing shows something or ends; gives how those that cannot be shown were made.
 */
export async function malformedPairings({ network, gateway }: Scene, each: number, seed: number): Promise<string[]> {
  const kinds = Object.entries(pairingKinds())
  const offer = given(kinds.find(([name]) => name === 'offer to pair'))[1]
  const unshown: string[] = []
  let session = 0
  await network.faults.door('mute')
  for (const [name, good] of kinds) {
    for (const { stanza, how } of malformedOnes(good, each, { seed })) {
      const pairing = { ...gateway.account, session: `qrs_${(session += 1)}` }
      const byCode = session % 2 === 0
      if (byCode) await gateway.supervisor.call('pairing.start_code', { ...pairing, phone: PHONE })
      else await gateway.supervisor.call('pairing.start', pairing)
      const state = await cameTo({ network, gateway }, pairing.session, byCode ? [offer, stanza] : [stanza])
      if (!(await isShown(state))) unshown.push(`${name}: ${how}`)
      await gateway.supervisor.call('pairing.stop', pairing)
      await network.ledgerWhen(({ connects, closings }) => closings.length === connects.length)
    }
  }
  await network.faults.door('open')
  return unshown
}

/** What a pairing comes to after these stanzas, and a good offer behind them: once on each line that it opens. */
async function cameTo(
  { network, gateway }: Scene,
  session: string,
  stanzas: readonly BinaryNode[],
): Promise<PairingState> {
  const offer = given(pairingKinds()['offer to pair'])
  const stateIn = (event: GatewayEvent) => event.event === 'pairing' && event.session === session && event.state
  const state = (): PairingState | undefined => gateway.events.map(stateIn).find(each => each !== false)
  for (let left = stanzas; ; left = []) {
    const { connects } = await network.ledger()
    const frames = await readable([...left, offer].map(each => encodeBinaryNode(each)))
    while (!state() && (await network.faults.write(null, frames)) === 0) await network.ledger()
    await Promise.race([
      gateway.event(stateIn, 0, TOLD_MS),
      network.ledgerWhen(page => page.connects.length > connects.length, TOLD_MS),
    ])
    const told = state()
    if (told) return told
  }
}

/** A code that is too much for a picture is shown to nobody. */
async function isShown(state: PairingState): Promise<boolean> {
  return (
    !('qr' in state) ||
    qrPicture(state.qr).then(
      () => true,
      () => false,
    )
  )
}
