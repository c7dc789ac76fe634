import { ChannelError } from './errors.ts'
import { UNREACHABLE, type UnreachableReason } from './error-details.ts'

/** Creates the error `gateway_unreachable` with its reason; pass `message` to say more than the reason's sentence. */
export const unreachable = (reason: UnreachableReason, message: string = UNREACHABLE[reason]): ChannelError =>
  new ChannelError('gateway_unreachable', message, { reason })
