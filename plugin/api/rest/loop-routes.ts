import { accountRequest } from '../../contract/api/fields.ts'
import { loopEndRequest, loopEndResponse, loopListResponse, loopPath } from '../../contract/api/loops.ts'
import type { Route } from './route.ts'

/** The calls about chats in which a loop is suspected. */
export const LOOP_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/loops',
    procedure: 'loops.list',
    summary: 'The chats in which a machine seems to answer us, and in which nobody is answered meanwhile',
    input: { from: 'nothing' },
    status: 200,
    response: loopListResponse,
    refusals: [],
  },
  {
    method: 'POST',
    path: '/loops/end',
    procedure: 'loops.end',
    summary: 'Lets such a chat go on: what comes there from now on is answered',
    input: { from: 'body', schema: loopEndRequest },
    status: 200,
    response: loopEndResponse,
    refusals: ['channel_not_configured', 'not_found'],
  },
  {
    method: 'DELETE',
    path: '/chats/:chat/loop',
    procedure: 'loops.end',
    summary: 'As POST /loops/end, with the chat in the path, where proxies log it',
    input: { from: 'path', schema: loopPath, query: accountRequest },
    status: 200,
    response: loopEndResponse,
    deprecated: true,
    refusals: ['channel_not_configured', 'not_found'],
  },
]
