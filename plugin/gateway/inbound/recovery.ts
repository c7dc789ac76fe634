import { proto, type WASocket } from '@whiskeysockets/baileys'

import type { Connection } from '../connection/socket.ts'
import type { Recoveries } from '../tables/recoveries.ts'

const { PLACEHOLDER_MESSAGE_RESEND } = proto.Message.PeerDataOperationRequestType
/** Messages that the phone sent in the meantime come first. */
const PATIENCE_MS = 2_000

/** After a login, asks the phone again for messages that it was asked for before and that have not come. */
export function resume(
  { takeDue }: Pick<Recoveries, 'takeDue'>,
  { socket, isOpen }: Pick<Connection, 'socket' | 'isOpen'>,
): void {
  const ask = async (): Promise<void> => {
    const keys = isOpen() ? takeDue() : []
    if (keys.length > 0) await askFor(socket, keys)
  }
  // A failed request is repeated after the next login.
  setTimeout(() => void ask().catch(() => undefined), PATIENCE_MS).unref()
}

const askFor = (socket: WASocket, keys: ReturnType<Recoveries['takeDue']>): Promise<unknown> =>
  socket.sendPeerDataOperationMessage({
    placeholderMessageResendRequest: keys.map(messageKey => ({ messageKey })),
    peerDataOperationRequestType: PLACEHOLDER_MESSAGE_RESEND,
  })
