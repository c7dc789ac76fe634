import { accountRequest } from '../../contract/api/fields.ts'
import {
  takeoverBeginRequest,
  takeoverBody,
  takeoverEndRequest,
  takeoverEndResponse,
  takeoverListResponse,
  takeoverPath,
  takeoverSchema,
} from '../../contract/api/takeovers.ts'
import type { Route } from './route.ts'

/** The calls about chats that a person has taken over from their agents. */
export const TAKEOVER_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/takeovers',
    procedure: 'takeovers.list',
    summary: 'The chats that persons have taken over from their agents, newest first',
    input: { from: 'nothing' },
    status: 200,
    response: takeoverListResponse,
    refusals: [],
  },
  {
    method: 'POST',
    path: '/takeovers',
    procedure: 'takeovers.begin',
    summary: 'Takes a chat over from its agent; what the agent has not said yet is not said',
    input: { from: 'body', schema: takeoverBeginRequest },
    status: 200,
    response: takeoverSchema,
    refusals: ['channel_not_configured', 'too_many_kept'],
  },
  {
    method: 'POST',
    path: '/takeovers/end',
    procedure: 'takeovers.end',
    summary: 'Hands a chat back to its agent, which is not asked about what was written meanwhile',
    input: { from: 'body', schema: takeoverEndRequest },
    status: 200,
    response: takeoverEndResponse,
    refusals: ['channel_not_configured'],
  },
  {
    method: 'POST',
    path: '/chats/:chat/takeover',
    procedure: 'takeovers.begin',
    summary: 'As POST /takeovers, with the chat in the path, where proxies log it',
    input: { from: 'path', schema: takeoverPath, body: takeoverBody, query: accountRequest },
    status: 200,
    response: takeoverSchema,
    deprecated: true,
    refusals: ['channel_not_configured', 'too_many_kept'],
  },
  {
    method: 'DELETE',
    path: '/chats/:chat/takeover',
    procedure: 'takeovers.end',
    summary: 'As POST /takeovers/end, with the chat in the path, where proxies log it',
    input: { from: 'path', schema: takeoverPath, query: accountRequest },
    status: 200,
    response: takeoverEndResponse,
    deprecated: true,
    refusals: ['channel_not_configured'],
  },
]
