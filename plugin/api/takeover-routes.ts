import { accountRequest } from '../contract/api-fields.ts'
import {
  takeoverBody,
  takeoverEndResponse,
  takeoverListResponse,
  takeoverPath,
  takeoverSchema,
} from '../contract/api-takeovers.ts'
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
    path: '/chats/:chat/takeover',
    procedure: 'takeovers.begin',
    summary: 'Takes a chat over from its agent; what the agent has not said yet is not said',
    input: { from: 'path', schema: takeoverPath, body: takeoverBody, query: accountRequest },
    status: 200,
    response: takeoverSchema,
    refusals: ['channel_not_configured', 'too_many_kept'],
  },
  {
    method: 'DELETE',
    path: '/chats/:chat/takeover',
    procedure: 'takeovers.end',
    summary: 'Hands a chat back to its agent, which is not asked about what was written meanwhile',
    input: { from: 'path', schema: takeoverPath, query: accountRequest },
    status: 200,
    response: takeoverEndResponse,
    refusals: ['channel_not_configured'],
  },
]
