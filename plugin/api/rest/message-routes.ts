import { bindingExplainResponse } from '../../contract/api/bindings.ts'
import { courseRequest, courseResponse } from '../../contract/api/message-trace.ts'
import { messageSendersRequest, messageSendersResponse } from '../../contract/api/senders.ts'
import { messageListRequest, messageListResponse, messageSchema, messageTraceRequest } from '../../contract/api/channels.ts'
import type { Route } from './route.ts'

/** The calls about messages that are kept. */
export const MESSAGE_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/channels/whatsapp/messages',
    procedure: 'whatsapp.messages.list',
    summary: 'Stored messages, newest first',
    input: { from: 'query', schema: messageListRequest },
    status: 200,
    response: messageListResponse,
    refusals: ['not_found'],
  },
  {
    method: 'POST',
    path: '/channels/whatsapp/messages/senders',
    procedure: 'whatsapp.messages.senders',
    summary: 'Who wrote messages, and in which groups: of up to 200, those that are kept',
    input: { from: 'body', schema: messageSendersRequest },
    status: 200,
    response: messageSendersResponse,
    refusals: [],
  },
  {
    method: 'GET',
    path: '/channels/whatsapp/messages/:id/trace',
    procedure: 'whatsapp.messages.trace',
    summary: 'Why a message that came in was answered or not, by the bindings of that moment',
    input: { from: 'path', schema: messageTraceRequest },
    status: 200,
    response: bindingExplainResponse,
    refusals: ['not_found', 'patterns_not_searched'],
  },
  {
    method: 'GET',
    path: '/channels/whatsapp/messages/:id/course',
    procedure: 'whatsapp.messages.course',
    summary: 'What became of a message that came in: its turn, the tool calls with their decisions, the replies',
    input: { from: 'path', schema: courseRequest },
    status: 200,
    response: courseResponse,
    refusals: ['not_found'],
  },
  {
    method: 'POST',
    path: '/channels/whatsapp/messages/:id/file',
    procedure: 'whatsapp.messages.fetchFile',
    summary: 'Fetches the file of a message that nobody is to answer; the message as it is within half a minute',
    input: { from: 'path', schema: courseRequest },
    status: 200,
    response: messageSchema,
    refusals: ['not_found'],
  },
]
