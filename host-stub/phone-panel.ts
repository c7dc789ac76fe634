import type { ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'

import type { Principal } from '../plugin/contract/host.ts'
import type { Role } from '../plugin/contract/role.ts'
import type { HostPage, HostPageExchange } from './agentcy/host-page.ts'
import { readJson } from './agentcy/json-body.ts'
import { servePage } from './agentcy/page-files.ts'
import { refuse, requestIdOf, type Refusal } from './agentcy/refusal.ts'
import { LOCAL_ORG } from './agentcy/tokens.ts'
import type { NetworkState, Operation } from './whatsapp/contract/control-contract.ts'

/** The path of the page with the phones. */
const PATH = '/simulated-phone'
const FOLDER = fileURLToPath(new URL('./phone-page', import.meta.url))
const CONTROL = `${PATH}/control/`
/** The body limit of the network. */
const LARGEST_BODY_BYTES = 8_000_000
const BEARER = /^Bearer ([^\s]+)$/i
const PLAYERS: ReadonlySet<Role> = new Set(['admin', 'owner'])

/** The phones are shared: a player can read all of them, so admins of other orgs may not use them. */
const mayPlay = ({ org, role }: Principal): boolean => org === LOCAL_ORG && PLAYERS.has(role)

/** The operations for people who use the phones; faults, bursts and the ledger are only for tests. */
const FORWARDED: ReadonlySet<string> = new Set<Operation>([
  'phones/list',
  'phones/meet',
  'phones/scan',
  'phones/enter_code',
  'phones/say',
  'phones/send_file',
  'phones/announce_album',
  'phones/set_timer',
  'phones/file',
  'phones/react',
  'phones/read',
  'phones/screen',
  'phones/online',
  'phones/remove_device',
  'groups/create',
  'groups/list',
])

const FORBIDDEN: Refusal = {
  code: 'forbidden',
  message: `This token may not use the simulated phones. Use one of an admin or the owner of ${LOCAL_ORG}.`,
}
const METHOD_NOT_ALLOWED: Refusal = {
  code: 'method_not_allowed',
  message: 'Only POST is answered here.',
  headers: { allow: 'POST' },
}
const UNREADABLE: Refusal = { code: 'bad_request', message: 'Send one JSON object of at most 8 MB.' }

/** The page with the simulated phones. Its calls are forwarded to the network, whose own token never leaves the host. */
export function createPhonePanel(network: Pick<NetworkState, 'control' | 'control_token'>): HostPage {
  return {
    panel: { title: 'Phone', path: PATH },
    async handle(exchange) {
      const { request, response } = exchange
      if (servePage({ folder: FOLDER, path: PATH }, request, response)) return true
      const [path = ''] = (request.url ?? '').split('?')
      if (!path.startsWith(CONTROL)) return false
      const operation = path.slice(CONTROL.length)
      const refusal = (await refusalFor(exchange, operation)) ?? (await forward(network, operation, exchange))
      if (refusal) refuse(refusal, request, response)
      return true
    },
  }
}

/** Why the caller may not call the operation; null if they may. */
async function refusalFor({ request, authenticate }: HostPageExchange, operation: string): Promise<Refusal | null> {
  const [, token = ''] = BEARER.exec(request.headers.authorization ?? '') ?? []
  const principal = token === '' ? null : await authenticate(token)
  if (!principal) return { code: 'unauthorized', headers: { 'www-authenticate': 'Bearer' } }
  if (!mayPlay(principal)) return FORBIDDEN
  if (!FORWARDED.has(operation)) return { code: 'not_found' }
  return request.method === 'POST' ? null : METHOD_NOT_ALLOWED
}

/** Forwards a call to the network and returns its answer; aborts the call if the caller disconnects. */
async function forward(
  { control, control_token: token }: Pick<NetworkState, 'control' | 'control_token'>,
  operation: string,
  { request, response }: HostPageExchange,
): Promise<Refusal | null> {
  const body = await readJson(request, LARGEST_BODY_BYTES)
  if (body === undefined) return UNREADABLE
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  try {
    const answer = await fetch(`${control}/${operation}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: gone.signal,
    })
    const said = (await answer.json()) as { error?: { message: string } }
    if (answer.ok) return answerJson(said, requestIdOf(request), response)
    return refusalBy(answer.status, said.error?.message)
  } catch (error) {
    if (gone.signal.aborted) return null
    throw error
  }
}

function refusalBy(status: number, message: string | undefined): Refusal {
  if (status === 404) return { code: 'not_found', ...(message !== undefined && { message }) }
  return status < 500 && message !== undefined ? { code: 'bad_request', message } : { code: 'internal' }
}

function answerJson(value: object, requestId: string, response: ServerResponse): null {
  const text = JSON.stringify(value)
  response.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(text)),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestId,
  })
  response.end(text)
  return null
}
