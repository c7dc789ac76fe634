import { accountRequest } from '../../contract/api/fields.ts'
import { groupListResponse, groupPath, groupSchema } from '../../contract/api/groups.ts'
import { z } from 'zod'

import {
  sendCancelResponse,
  sendListRequest,
  sendListResponse,
  sendRequest,
  sendResponse,
  sendStatusRequest,
  sendStatusResponse,
} from '../../contract/api/sends.ts'
import {
  channelsResponse,
  codeStartRequest,
  codeStartResponse,
  configureRequest,
  configureResponse,
  qrStartResponse,
  qrStatusRequest,
  qrStatusResponse,
  reloadResponse,
  testResponse,
  unpairResponse,
} from '../../contract/api/channels.ts'
import { turnListRequest, turnListResponse, turnRetryBody, turnPath, turnSchema } from '../../contract/api/turns.ts'
import { MESSAGE_ROUTES } from './message-routes.ts'
import { APPROVAL_ROUTES } from './approval-routes.ts'
import { BINDING_ROUTES } from './binding-routes.ts'
import { CONTACT_ROUTES } from './contact-routes.ts'
import { LOOP_ROUTES } from './loop-routes.ts'
import { PASSKEY_ROUTES } from './passkey-routes.ts'
import { POLICY_ROUTES } from './policy-routes.ts'
import type { Route, RouteInput } from './route.ts'
import { TAKEOVER_ROUTES } from './takeover-routes.ts'

/** The path that all routes lie below. */
export const BASE_PATH = '/api/v1'
/** Where the metrics are below it, and without it: Prometheus asks there unless it is told otherwise. */
export const METRICS_PATH = '/metrics'

const NOTHING: RouteInput = { from: 'nothing' }
/** The account may be named in the body or in the query, or not at all. */
const ANY_ACCOUNT: RouteInput = { from: 'body', schema: accountRequest, mayBeMissing: true, query: accountRequest }
/** Why no pairing begins. */
const PAIRING_REFUSALS: Route['refusals'] = [
  'channel_not_configured',
  'already_connected',
  'number_in_use',
  'gateway_unreachable',
  'pairing_refused',
  'client_outdated',
  'account_stopped',
]
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
    refusals: ['bad_settings', 'policy_refused', 'reloaded_lately'],
  },
  {
    method: 'POST',
    path: '/channels/whatsapp/configure',
    procedure: 'whatsapp.configure',
    summary: 'Configures and activates the channel',
    input: { from: 'body', schema: configureRequest, query: accountRequest },
    status: 200,
    response: configureResponse,
    refusals: ['gateway_unreachable', 'too_many_kept'],
  },
  {
    method: 'DELETE',
    path: '/channels/whatsapp/configure',
    procedure: 'whatsapp.unpair',
    summary: 'Unlinks the phone and destroys its keys; bindings stay',
    input: { from: 'query', schema: accountRequest },
    status: 200,
    response: unpairResponse,
    refusals: ['channel_not_configured'],
  },
  {
    method: 'POST',
    path: '/channels/whatsapp/qr/start',
    procedure: 'whatsapp.qr.start',
    summary: 'Begins a pairing, by a code or the passkey that is wanted before it; an earlier one of the account ends',
    input: ANY_ACCOUNT,
    status: 200,
    response: qrStartResponse,
    refusals: PAIRING_REFUSALS,
  },
  {
    method: 'POST',
    path: '/channels/whatsapp/code/start',
    procedure: 'whatsapp.code.start',
    summary:
      'Begins a pairing by a code that is typed on the phone, or the passkey that is wanted before it; an earlier one of the account ends',
    input: { from: 'body', schema: codeStartRequest, query: accountRequest },
    status: 200,
    response: codeStartResponse,
    refusals: PAIRING_REFUSALS,
  },
  {
    method: 'GET',
    path: '/channels/whatsapp/qr/status',
    procedure: 'whatsapp.qr.status',
    summary: 'Where a pairing stands, with the code that is good now',
    input: { from: 'query', schema: qrStatusRequest },
    status: 200,
    response: qrStatusResponse,
    refusals: ['not_found', 'number_in_use'],
  },
  {
    method: 'POST',
    path: '/channels/whatsapp/send',
    procedure: 'whatsapp.send',
    summary: 'Accepts one thing to be said; safe to repeat under an Idempotency-Key',
    input: { from: 'body', schema: sendRequest, query: accountRequest },
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
      'too_many_waiting_sends',
      'over_quota',
    ],
  },
  {
    method: 'GET',
    path: '/channels/whatsapp/sends',
    procedure: 'whatsapp.sends.list',
    summary: 'Sends, newest first, each with how far it has come and its place in its line',
    input: { from: 'query', schema: sendListRequest },
    status: 200,
    response: sendListResponse,
    refusals: ['not_found'],
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
  ...MESSAGE_ROUTES,
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
    input: ANY_ACCOUNT,
    status: 200,
    response: testResponse,
    refusals: ['channel_not_configured', 'not_paired', 'gateway_unreachable', 'account_stopped'],
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
    input: { from: 'query', schema: accountRequest },
    status: 200,
    response: groupListResponse,
    refusals: ['channel_not_configured', 'not_paired', 'gateway_unreachable', 'account_stopped'],
  },
  {
    method: 'GET',
    path: '/channels/whatsapp/groups/:id',
    procedure: 'whatsapp.groups.get',
    summary: 'A group, who is in it and who is an admin',
    input: { from: 'path', schema: groupPath, query: accountRequest },
    status: 200,
    response: groupSchema,
    refusals: ['channel_not_configured', 'not_paired', 'not_found', 'gateway_unreachable', 'account_stopped'],
  },
  {
    method: 'POST',
    path: '/turns/:id/retry',
    procedure: 'turns.retry',
    summary: 'Lets a turn that waits for a person go on behind its recorded steps',
    input: { from: 'path', schema: turnPath, body: turnRetryBody },
    status: 200,
    response: turnSchema,
    refusals: ['not_found', 'turn_not_waiting'],
  },
  {
    method: 'POST',
    path: '/turns/:id/cancel',
    procedure: 'turns.cancel',
    summary: 'Ends a turn that is not over; what it has said stays said',
    input: { from: 'path', schema: turnPath },
    status: 200,
    response: turnSchema,
    refusals: ['not_found', 'turn_over'],
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
  {
    method: 'GET',
    path: METRICS_PATH,
    procedure: null,
    summary: 'The numbers of the org, in the text format of Prometheus; also at the root',
    input: NOTHING,
    status: 200,
    response: z.string(),
    text: true,
    refusals: [],
  },
  ...PASSKEY_ROUTES,
  ...BINDING_ROUTES,
  ...APPROVAL_ROUTES,
  ...CONTACT_ROUTES,
  ...TAKEOVER_ROUTES,
  ...LOOP_ROUTES,
  ...POLICY_ROUTES,
]
