import { contactCheckRequest, contactCheckResponse } from '../../contract/api/contacts.ts'
import type { Route } from './route.ts'

/** The calls about people whom the account may write to. */
export const CONTACT_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/contacts/check',
    procedure: 'contacts.check',
    summary: 'Whether numbers are on WhatsApp, and by which number each',
    input: { from: 'body', schema: contactCheckRequest },
    status: 200,
    response: contactCheckResponse,
    refusals: ['channel_not_configured', 'not_paired', 'lookup_budget', 'gateway_unreachable'],
  },
]
