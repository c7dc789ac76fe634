import { ChannelError } from '../../plugin/contract/errors/errors.ts'
import type { Gateway } from '../../plugin/contract/gateway-protocol.ts'
import type { SendRequestParts } from '../../plugin/outbox/send-requests.ts'
import type { OutboxParts } from '../../plugin/outbox/outbox.ts'

/** For stories that send no files. */
export const noFiles: SendRequestParts['enclosures'] = {
  of: () => Promise.reject(new ChannelError('not_found')),
}

/** Has the gateway render what brings no file. */
export const rendersWith =
  (gateway: Gateway): OutboxParts['render'] =>
  ({ org, account, content, chat }) =>
    gateway.call('message.render', { org, account, content, chat, file: null })
