import { randomBytes } from 'node:crypto'
import {
  getBinaryNodeChild,
  S_WHATSAPP_NET,
  type AuthenticationCreds,
  type BinaryNode,
  type WASocket,
} from '@whiskeysockets/baileys'

import type { PasskeyOptions, PasskeyOutcome, PasskeyRequest } from '../../contract/passkey.ts'
import { checkAssertion, type Assertion } from './passkey-assertion.ts'
import { passkeyOptionsIn } from './passkey-options.ts'
import { refIn } from '../connection/pairing-ref.ts'
import {
  agreeOn,
  createPrologue,
  handoffKey,
  handoffProof,
  primaryIdentityIn,
  sealedRequest,
  type Agreement,
  type Prologue,
} from './passkey-prologue.ts'

/** What linking by a passkey needs from its pairing. */
export type PasskeyPorts = {
  readonly query: WASocket['query']
  /** The credentials of the login that is being paired. Their secret is replaced. */
  readonly creds: AuthenticationCreds
  readonly now: () => number
  readonly show: (request: PasskeyRequest, expiresAt: number) => void
  readonly failed: (reason: 'passkey_refused' | 'passkey_unreadable') => void
  /** Whether the pairing has ended. Nothing more is asked or shown then. */
  readonly isOver: () => boolean
}

/** Links one device by a passkey: on one connection, from WhatsApp's request on. */
export type PasskeyLink = {
  /** Whether WhatsApp has asked for a passkey. From then on no code is of use. */
  readonly isWanted: () => boolean
  readonly asked: (stanza: BinaryNode) => void
  readonly continued: (stanza: BinaryNode) => void
  readonly answer: (text: string) => PasskeyOutcome
  /** Confirms that the phone shows the same code. Returns false when no code is being compared. */
  readonly confirm: () => boolean
}

/**
 * How long the receiver of our answer may rely on the proof that it is ours (whatsmeow, zapo). After that a person compares codes.
 */
const HANDOFF_MS = 300_000
const QUERY_MS = 60_000
/** WhatsApp and the phone take no longer than this for the steps after an answer. */
const REST_MS = 120_000

type Wanted = { readonly step: 'wanted'; readonly options: PasskeyOptions; readonly expiresAt: number }
type Given = { readonly step: 'given'; prologue: Prologue | null; isProven: boolean; isContinued: boolean }
type Compared = { readonly step: 'compare'; readonly agreement: Agreement }

/** The mutable state of the linking. */
type Life = {
  readonly ports: PasskeyPorts
  isWanted: boolean
  now: Wanted | Given | Compared | { readonly step: 'idle' } | { readonly step: 'finishing' }
  /** The key derived from the secret that the phone knows, which is the first one. */
  handoff: { readonly key: Uint8Array; readonly until: number } | null
}

export function createPasskeyLink(ports: PasskeyPorts): PasskeyLink {
  const life: Life = { ports, isWanted: false, now: { step: 'idle' }, handoff: null }
  return {
    isWanted: () => life.isWanted,
    asked: stanza => {
      if (!isFromServer(stanza)) return
      life.isWanted = true
      attempt(life, () => asked(life, stanza))
    },
    continued: stanza => {
      if (isFromServer(stanza)) attempt(life, () => continued(life, stanza))
    },
    answer: text => answer(life, text),
    confirm: () => {
      if (life.now.step !== 'compare' || ports.isOver()) return false
      const { agreement } = life.now
      attempt(life, () => finish(life, agreement))
      return true
    },
  }
}

/**
 * Runs a step. The pairing fails if WhatsApp refuses the step or is silent. A lost connection ends the pairing by itself, with its
 * own reason.
 */
function attempt(life: Life, work: () => Promise<void>): void {
  const { ports } = life
  work().catch((thrown: unknown) => {
    if (!ports.isOver() && !isLost(thrown)) ports.failed('passkey_refused')
  })
}

const LOST = 428

const isLost = (thrown: unknown): boolean =>
  (thrown as { output?: { statusCode?: number } } | undefined)?.output?.statusCode === LOST

/** WhatsApp usually sends its options along; where it does not, this requests them. */
async function asked(life: Life, stanza: BinaryNode): Promise<void> {
  const { ports } = life
  const options = passkeyOptionsIn(stanza) ?? passkeyOptionsIn(await ask(ports, 'get', node('passkey_request_options')))
  if (ports.isOver()) return
  if (options === null || options === 'unreadable') return ports.failed('passkey_unreadable')
  const { creds } = ports
  life.handoff ??= { key: handoffKey(creds.advSecretKey), until: ports.now() + HANDOFF_MS }
  creds.advSecretKey = randomBytes(32).toString('base64')
  const expiresAt = ports.now() + options.timeout
  life.now = { step: 'wanted', options, expiresAt }
  ports.show({ step: 'wanted', options }, expiresAt)
}

function answer(life: Life, text: string): PasskeyOutcome {
  const { ports, now } = life
  if (now.step !== 'wanted' || ports.isOver() || ports.now() >= now.expiresAt) return { outcome: 'not_awaited' }
  const assertion = checkAssertion(text, now.options)
  if ('problem' in assertion) return { outcome: 'refused', problem: assertion.problem }
  const given: Given = { step: 'given', prologue: null, isProven: false, isContinued: false }
  life.now = given
  ports.show({ step: 'given' }, Math.max(now.expiresAt, ports.now() + REST_MS))
  attempt(life, () => give(life, given, assertion))
  return { outcome: 'given' }
}

async function give(life: Life, given: Given, { credentialId, json }: Assertion): Promise<void> {
  const { ports } = life
  const ref = refIn(getBinaryNodeChild(await ask(ports, 'get', node('ref')), 'ref'))
  if (ports.isOver() || life.now !== given) return
  if (ref === null) return ports.failed('passkey_unreadable')
  const prologue = (given.prologue = createPrologue(ref))
  const key = life.handoff && ports.now() < life.handoff.until ? life.handoff.key : null
  given.isProven = key !== null
  const parts = [
    node('credential_id', credentialId),
    node('webauthn_assertion', Buffer.from(json)),
    node('prologue_payload', prologue.payload),
    ...(key ? [node('pairing_handoff_proof', handoffProof(key, prologue.payload))] : []),
  ]
  await ask(ports, 'set', node('passkey_prologue', parts))
}

/** Handles the phone's answer, which may come before the server has confirmed our part. */
async function continued(life: Life, stanza: BinaryNode): Promise<void> {
  const { ports, now } = life
  if (now.step !== 'given' || !now.prologue || now.isContinued || ports.isOver()) return
  now.isContinued = true
  const primary = primaryIdentityIn(stanza)
  const agreement = primary && agreeOn(now.prologue, primary)
  if (!agreement) return ports.failed('passkey_unreadable')
  await ask(ports, 'set', node('companion_nonce', now.prologue.nonce))
  if (ports.isOver() || life.now !== now) return
  if (now.isProven) return finish(life, agreement)
  life.now = { step: 'compare', agreement }
  ports.show({ step: 'compare', code: agreement.code }, ports.now() + REST_MS)
}

async function finish(life: Life, { key }: Agreement): Promise<void> {
  const { ports } = life
  life.now = { step: 'finishing' }
  ports.show({ step: 'given' }, ports.now() + REST_MS)
  await ask(ports, 'set', node('encrypted_pairing_request', sealedRequest(key, ports.creds)))
}

/** @throws when WhatsApp refuses or does not answer, or the connection is lost. */
async function ask({ query }: PasskeyPorts, type: 'get' | 'set', asked: BinaryNode): Promise<BinaryNode> {
  const attrs = { to: S_WHATSAPP_NET, type, xmlns: 'md' }
  const told: BinaryNode | undefined = await query({ tag: 'iq', attrs, content: [asked] }, QUERY_MS)
  if (!told) throw new Error('no answer')
  return told
}

const node = (tag: string, content?: BinaryNode[] | Uint8Array): BinaryNode =>
  content === undefined ? { tag, attrs: {} } : { tag, attrs: {}, content }

const isFromServer = ({ attrs }: BinaryNode): boolean =>
  attrs['from'] === S_WHATSAPP_NET || attrs['from'] === S_WHATSAPP_NET.slice(1)
