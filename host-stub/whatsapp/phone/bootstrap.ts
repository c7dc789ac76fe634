import { randomInt } from 'node:crypto'
import { proto } from '@whiskeysockets/baileys'
import { inTurn, personalAddress, type Companion } from '../world/accounts.ts'
import { formatAddress } from '../wire/address.ts'
import { encryptFor } from './envelope.ts'
import { historyOf } from './history.ts'
import { makeMessageId } from '../wire/message-id.ts'
import { secondsNow, stanza } from '../wire/stanza.ts'
import type { World } from '../world/world.ts'

/** Sends a newly linked device what its phone sends: keys for the app state, and a history. */
export function bootstrap(world: World, companion: Companion): void {
  if (companion.bootstrapped) return
  companion.bootstrapped = true
  void inTurn(companion.account, async () => {
    for (const protocolMessage of [appStateKeys(companion), history(world, companion)]) {
      await sendToOwnDevice(companion, { protocolMessage })
    }
  }).catch((error: unknown) => {
    world.ledger.write(page => page.unknown.push({ stanza: 'bootstrap', why: String(error) }))
  })
}

/** Sends a linked device a message that it accepts only from its own phone. */
export async function sendToOwnDevice(companion: Companion, content: proto.IMessage): Promise<void> {
  const { account } = companion
  const from = formatAddress(personalAddress(account, 's.whatsapp.net'))
  const encrypted = await encryptFor(account, companion, content)
  const attributes = { from, id: makeMessageId(), t: secondsNow(), type: 'text', category: 'peer' }
  companion.queue.post(stanza('message', { ...attributes, notify: account.pushName }, [encrypted]))
}

function appStateKeys({ account }: Companion): proto.Message.IProtocolMessage {
  const { id, data } = account.appStateKey
  const fingerprint = { rawId: randomInt(1, 2 ** 31), currentIndex: 1, deviceIndexes: [0, 1] }
  const keyData = { keyData: data, fingerprint, timestamp: Date.now() }
  return {
    type: proto.Message.ProtocolMessage.Type.APP_STATE_SYNC_KEY_SHARE,
    appStateSyncKeyShare: { keys: [{ keyId: { keyId: id }, keyData }] },
  }
}

/** Inline, because Baileys would download any other history from the real media host. */
function history(world: World, { account }: Companion): proto.Message.IProtocolMessage {
  return {
    type: proto.Message.ProtocolMessage.Type.HISTORY_SYNC_NOTIFICATION,
    historySyncNotification: {
      syncType: proto.Message.HistorySyncType.INITIAL_BOOTSTRAP,
      chunkOrder: 1,
      progress: 100,
      initialHistBootstrapInlinePayload: historyOf(world, account),
    },
  }
}
