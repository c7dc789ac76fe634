import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { planAnswers, releaseAnswers } from '../server/answer-faults.ts'
import { setBehaviours } from './behaviour-operations.ts'
import * as bursts from './burst-operations.ts'
import { requests, type Operation, type ParsedOf, type Responses } from '../contract/control-contract.ts'
import * as faults from './fault-operations.ts'
import { announceAlbum } from './album-operations.ts'
import * as files from './file-operations.ts'
import * as phones from './phone-operations.ts'
import * as frames from '../server/raw-frames.ts'
import { Refusal } from '../contract/refusal.ts'
import { setTimer } from './timer-operations.ts'
import { emptyWorld, type World } from '../world/world.ts'

type Operations = {
  [Name in Operation]: (world: World, request: ParsedOf<Name>) => Responses[Name] | Promise<Responses[Name]>
}

const prefix = '/control/'
const largestBodyBytes = 8_000_000

const operations: Operations = {
  'phones/meet': phones.meetPhone,
  'phones/list': world => ({ phones: world.accounts.all().map(phones.phoneCard) }),
  'phones/scan': phones.scan,
  'phones/enter_code': phones.enterCode,
  'phones/say': phones.speak,
  'phones/seal': phones.sealWords,
  'phones/set_timer': setTimer,
  'phones/send_file': files.sendFile,
  'phones/announce_album': announceAlbum,
  'phones/file': files.receivedFile,
  'phones/react': phones.react,
  'phones/call': phones.callPhone,
  'phones/read': phones.read,
  'phones/screen': phones.screen,
  'phones/online': phones.setOnline,
  'phones/remove_device': phones.removeDevice,
  'phones/forget_sessions': phones.forgetSessions,
  'phones/reinstall': phones.reinstallApp,
  'phones/own_passkey': phones.ownPasskey,
  'phones/host': phones.hostDevice,
  'phones/pry': phones.pry,
  'groups/create': phones.createGroup,
  'groups/change': phones.changeGroup,
  'groups/list': world => ({ groups: world.groups.all().map(phones.groupCard) }),
  'ledger/read': async ({ ledger }, { after, wait_ms }) => {
    await ledger.changedSince(after, wait_ms)
    return ledger.page
  },
  'ledger/heard': async ({ ledger }, { name, after, version, wait_ms }) => {
    await ledger.changedSince(version, wait_ms)
    return { version: ledger.page.version, heard: ledger.heard(name, after) }
  },
  'ledger/message': ({ ledger }, { id }) => ledger.message(id),
  'ledger/file': files.askedForFile,
  'ledger/overheard': phones.overhear,
  'bursts/load': bursts.loadBurst,
  'bursts/release': bursts.releaseBurst,
  'bursts/progress': bursts.burstProgress,
  'bursts/moments': bursts.burstMoments,
  'behaviours/set': setBehaviours,
  'faults/certificate': faults.setCertificateFault,
  'faults/door': faults.setDoor,
  'faults/group_query': faults.setGroupQueryFault,
  'faults/pairing': faults.setPairingFault,
  'faults/passkey': faults.setPasskeyFault,
  'faults/end': faults.endLines,
  'faults/login': faults.planLoginFault,
  'faults/send': faults.planSendFault,
  'faults/release_acks': faults.releaseAcks,
  'faults/answers': planAnswers,
  'faults/release_answers': releaseAnswers,
  'faults/withhold_offline': faults.withholdOffline,
  'faults/withhold_pages': faults.withholdPages,
  'faults/post': faults.postStanza,
  'faults/withhold_key_answers': faults.withholdKeyAnswers,
  'faults/spend_pre_keys': faults.spendPreKeys,
  'faults/stuck_status': faults.postStuckStatus,
  'faults/bundle': faults.setBundleFault,
  'faults/ask_again': faults.askForAgain,
  'faults/time_lock': faults.setTimeLock,
  'faults/redeliver': faults.redeliver,
  'faults/file': files.setFileFault,
  'faults/file_again': faults.setFileAnswer,
  'faults/write': frames.writeFrames,
  'faults/said': frames.readSaid,
  'faults/placeholders': faults.setPlaceholderAnswer,
  'faults/clear': faults.clearFaults,
  'world/empty': async world => {
    await emptyWorld(world)
    return {}
  },
  'shown/write': (world, { qr }) => {
    world.shownQr = qr
    return {}
  },
  'shown/read': ({ shownQr }) => ({ qr: shownQr }),
}

/** Answers one call of the control API: a POST with the bearer token and a JSON body. */
export async function answerControl(
  { world, token }: { world: World; token: string },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    if (!isAuthorized(request, token)) throw new Refusal(401, 'the control token is missing or wrong')
    const name = operationOf(request)
    const answer = await run(world, name, await readBody(request))
    write(response, 200, answer)
  } catch (error) {
    const { status, message } = explain(error)
    write(response, status, { error: { message } })
  }
}

async function run<Name extends Operation>(world: World, name: Name, body: unknown): Promise<Responses[Name]> {
  const request = requests[name].parse(body) as ParsedOf<Name>
  return operations[name](world, request)
}

function operationOf({ method, url }: IncomingMessage): Operation {
  const path = url?.startsWith(prefix) ? url.slice(prefix.length) : ''
  const name = (Object.keys(requests) as Operation[]).find(known => known === path)
  if (method !== 'POST' || !name) throw new Refusal(404, 'no such control call')
  return name
}

function isAuthorized({ headers }: IncomingMessage, token: string): boolean {
  const given = Buffer.from(headers.authorization ?? '')
  const expected = Buffer.from(`Bearer ${token}`)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length
    if (sizeBytes > largestBodyBytes) throw new Refusal(413, 'body too large')
    chunks.push(chunk)
  }
  const written = Buffer.concat(chunks).toString('utf8')
  return written === '' ? {} : JSON.parse(written)
}

function explain(error: unknown): { status: number; message: string } {
  if (error instanceof Refusal) return error
  if (error instanceof z.ZodError) return { status: 400, message: z.prettifyError(error) }
  return {
    status: error instanceof SyntaxError ? 400 : 500,
    message: error instanceof Error ? error.message : 'failed',
  }
}

function write(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
