import type { WireMessage } from '../../plugin/contract/api/messages.ts'

/** A text that came in from one number to another, as it stands on the wire. */
export const wireMessage = (more: Partial<WireMessage>): WireMessage => ({
  id: 'msg_0001',
  account: 'default',
  direction: 'inbound',
  chat: '+972500000002',
  from: '+972500000002',
  sender_name: null,
  to: '+972500000001',
  kind: 'text',
  text: null,
  details: null,
  quoted: null,
  mentioned: false,
  mentions_all: false,
  claimed: { forwarded: false, forwarding_score: 0 },
  media: [],
  group: null,
  group_subject: null,
  binding_id: null,
  album: null,
  gathered_in: null,
  outcome: 'unmatched: no_binding',
  received_at: '2026-01-05T10:00:00.000Z',
  ...more,
})
