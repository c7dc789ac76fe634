import { ChannelError } from './errors.ts'
import { UNREACHABLE, type UnreachableReason } from './unreachable-reasons.ts'

/** The error `gateway_unreachable` with its reason; `message` where there is more to say than the reason does. */
export const unreachable = (reason: UnreachableReason, message: string = UNREACHABLE[reason]): ChannelError =>
  new ChannelError('gateway_unreachable', message, { reason })
