import { groupListResponse, groupRequest, groupSchema } from '../contract/api-groups.ts'
import { z } from 'zod'

import {
  bindingCreateRequest,
  bindingCreateResponse,
  bindingDeleteRequest,
  bindingDeleteResponse,
  bindingListRequest,
  bindingListResponse,
  bindingReorderRequest,
  bindingRequest,
  bindingSchema,
  bindingUpdateBody,
  bindingUpdatePath,
} from '../contract/api-bindings.ts'
import {
  sendCancelResponse,
  sendRequest,
  sendResponse,
  sendStatusRequest,
  sendStatusResponse,
} from '../contract/api-send.ts'
import {
  channelsResponse,
  configureRequest,
  configureResponse,
  messageListRequest,
  messageListResponse,
  qrStartResponse,
  qrStatusRequest,
  qrStatusResponse,
  reloadResponse,
  testResponse,
  unpairResponse,
} from '../contract/api.ts'
import { turnListRequest, turnListResponse, turnRetryBody, turnRetryPath, turnSchema } from '../contract/api-turns.ts'
import type { ErrorCode } from '../contract/errors.ts'
import type { ProcedurePath } from './role-table.ts'

/** Where a route's input stands. Whatever a request carries elsewhere is refused. */
export type RouteInput =
  | { readonly from: 'nothing' }
  | { readonly from: 'body'; readonly schema: z.ZodType }
  | { readonly from: 'query'; readonly schema: z.ZodObject }
  /** `body` is what may come with it, or nothing. */
  | { readonly from: 'path'; readonly schema: z.ZodObject; readonly body?: z.ZodObject }

/** One call of the REST interface. */
export type Route = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below `/api/v1`; a segment `:name` is a parameter. */
  readonly path: string
  /** What runs; null for the description of the interface itself, which is no procedure. */
  readonly procedure: ProcedurePath | null
  readonly summary: string
  readonly input: RouteInput
  readonly status: 200 | 201 | 202
  readonly response: z.ZodType
  /** The refusals of this call beside those that every call has. */
  readonly refusals: readonly ErrorCode[]
}

/** The path that all routes lie below. */
export const BASE_PATH = '/api/v1'

const NOTHING: RouteInput = { from: 'nothing' }
const jsonObject = z.record(z.string(), z.unknown())

/** The REST interface: requests are dispatched by this table, and OpenAPI is read from it. */
export const ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/channels',
    procedure: 'channels.list',
    summary: 'The catalog of channels, each with the state of its link',
    input: NOTHING,
    status: 200,
    response: channelsResponse,
    refusals: [],
  },
  {
    method: 'POST',
    path: '/channels/reload',
    procedure: 'channels.reload',
    summary: 'Reads the settings again and reconnects; no pairing is lost',
    input: NOTHING,
    status: 200,
    response: reloadResponse,
    refusals: ['bad_settings'],
  },
  {
    method: 'POST',
    path: '/channels/whatsapp/configure',
    procedure: 'whatsapp.configure',
    summary: 'Configures and activates the channel',
    input: { from: 'body', schema: configureRequest },
    status: 200,
    response: configureResponse,
    refusals: ['gateway_unreachable'],
  },
  {
    method: 'DELETE',
    path: '/channels/whatsapp/configure',
    procedure: 'whatsapp.unpair',
    summary: 'Unlinks the phone and destroys its keys; bindings stay',
    input: NOTHING,
    status: 200,
    response: unpairResponse,
    refusals: ['channel_not_configured'],
  },
  {
    method: 'POST',
    path: '/channels/whatsapp/qr/start',
    procedure: 'whatsapp.qr.start',
    summary: 'Begins a pairing; an earlier one ends',
    input: NOTHING,
    status: 200,
    response: qrStartResponse,
    refusals: ['channel_not_configured', 'already_connected', 'gateway_unreachable', 'account_stopped'],
  },
  {
    method: 'GET',
    path: '/channels/whatsapp/qr/status',
    procedure: 'whatsapp.qr.status',
    summary: 'Where a pairing stands, with the code that is good now',
    input: { from: 'query', schema: qrStatusRequest },
    status: 200,
    response: qrStatusResponse,
    refusals: ['not_found'],
  },
  {
    method: 'POST',
    path: '/channels/whatsapp/send',
    procedure: 'whatsapp.send',
    summary: 'Accepts one thing to be said; safe to repeat under an Idempotency-Key',
    input: { from: 'body', schema: sendRequest },
    status: 202,
    response: sendResponse,
    refusals: [
      'channel_not_configured',
      'not_paired',
      'idempotency_key_reused',
      'not_found',
      'cold_contact_off',
      'not_our_message',
      'wrong_media',
      'media_too_large',
      'url_not_fetched',
    ],
  },
  {
    method: 'GET',
    path: '/channels/whatsapp/sends/:id',
    procedure: 'whatsapp.sends.get',
    summary: 'How far a send has come',
    input: { from: 'path', schema: sendStatusRequest },
    status: 200,
    response: sendStatusResponse,
    refusals: ['not_found'],
  },
  {
    method: 'DELETE',
    path: '/channels/whatsapp/sends/:id',
    procedure: 'whatsapp.sends.cancel',
    summary: 'Takes back a send that was not transmitted yet',
    input: { from: 'path', schema: sendStatusRequest },
    status: 200,
    response: sendCancelResponse,
    refusals: ['not_found', 'already_sent'],
  },
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
    method: 'GET',
    path: '/channels/whatsapp/schema',
    procedure: 'whatsapp.schema',
    summary: 'JSON Schema of the body of send',
    input: NOTHING,
    status: 200,
    response: jsonObject,
    refusals: [],
  },
  {
    method: 'POST',
    path: '/channels/whatsapp/test',
    procedure: 'whatsapp.test',
    summary: 'Makes a round trip to WhatsApp',
    input: NOTHING,
    status: 200,
    response: testResponse,
    refusals: ['channel_not_configured', 'not_paired', 'gateway_unreachable', 'account_stopped'],
  },
  {
    method: 'GET',
    path: '/bindings',
    procedure: 'bindings.list',
    summary: 'The bindings, in the order in which they are asked',
    input: { from: 'query', schema: bindingListRequest },
    status: 200,
    response: bindingListResponse,
    refusals: [],
  },
  {
    method: 'POST',
    path: '/bindings',
    procedure: 'bindings.create',
    summary: 'Adds a binding behind the others',
    input: { from: 'body', schema: bindingCreateRequest },
    status: 201,
    response: bindingCreateResponse,
    refusals: ['unknown_agent'],
  },
  {
    method: 'POST',
    path: '/bindings/reorder',
    procedure: 'bindings.reorder',
    summary: 'Asks the bindings in another order',
    input: { from: 'body', schema: bindingReorderRequest },
    status: 200,
    response: bindingListResponse,
    refusals: ['binding_changed'],
  },
  {
    method: 'GET',
    path: '/bindings/:id',
    procedure: 'bindings.get',
    summary: 'One binding',
    input: { from: 'path', schema: bindingRequest },
    status: 200,
    response: bindingSchema,
    refusals: ['not_found'],
  },
  {
    method: 'PATCH',
    path: '/bindings/:id',
    procedure: 'bindings.update',
    summary: 'Changes a binding, unless it is another version by now; If-Match may name the version',
    input: { from: 'path', schema: bindingUpdatePath, body: bindingUpdateBody },
    status: 200,
    response: bindingCreateResponse,
    refusals: ['not_found', 'unknown_agent', 'binding_changed'],
  },
  {
    method: 'DELETE',
    path: '/bindings/:id',
    procedure: 'bindings.delete',
    summary: 'Removes a binding',
    input: { from: 'path', schema: bindingDeleteRequest },
    status: 200,
    response: bindingDeleteResponse,
    refusals: ['not_found'],
  },
  {
    method: 'GET',
    path: '/turns',
    procedure: 'turns.list',
    summary: 'The turns of the agents, newest first; those that wait for a person by their status',
    input: { from: 'query', schema: turnListRequest },
    status: 200,
    response: turnListResponse,
    refusals: ['not_found'],
  },
  {
    method: 'GET',
    path: '/channels/whatsapp/groups',
    procedure: 'whatsapp.groups.list',
    summary: 'The groups that the linked number is in',
    input: { from: 'nothing' },
    status: 200,
    response: groupListResponse,
    refusals: ['channel_not_configured', 'not_paired', 'gateway_unreachable', 'account_stopped'],
  },
  {
    method: 'GET',
    path: '/channels/whatsapp/groups/:id',
    procedure: 'whatsapp.groups.get',
    summary: 'A group, who is in it and who is an admin',
    input: { from: 'path', schema: groupRequest },
    status: 200,
    response: groupSchema,
    refusals: ['channel_not_configured', 'not_paired', 'not_found', 'gateway_unreachable', 'account_stopped'],
  },
  {
    method: 'POST',
    path: '/turns/:id/retry',
    procedure: 'turns.retry',
    summary: 'Lets a turn that waits for a person go on behind its recorded steps',
    input: { from: 'path', schema: turnRetryPath, body: turnRetryBody },
    status: 200,
    response: turnSchema,
    refusals: ['not_found', 'turn_not_waiting'],
  },
  {
    method: 'GET',
    path: '/openapi.json',
    procedure: null,
    summary: 'This description',
    input: NOTHING,
    status: 200,
    response: jsonObject,
    refusals: [],
  },
]
