import { createDecipheriv, createHash, hkdfSync, randomBytes, randomInt } from 'node:crypto'
import { proto } from '@whiskeysockets/baileys'
import { agree, authenticate, makeKeyPair } from '../crypto/keys.ts'
import { writeLinkCode } from '../crypto/link-code.ts'
import { ProtocolBreach } from '../protocol/query.ts'
import type { PasskeyLinking, Prologue, Registration } from '../world/registration.ts'
import { attribute, bytes, child, children, secondsNow, serverAddress, stanza, type Stanza } from '../wire/stanza.ts'
import type { World } from '../world/world.ts'
import { isAssertedBy } from '../crypto/webauthn.ts'

const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16
const codeBytes = 5
const refused = 401

/** Which device is to be linked to which account, with which secret, and how to link it once the passkey was presented. */
interface Demand extends Pick<PasskeyLinking, 'account' | 'link'> {
  advSecret: Uint8Array | undefined
  registration: Registration
}

/** Demands a passkey assertion, which only a browser on WhatsApp's own pages can make, and links nothing before it arrives. */
export function demandPasskey(world: World, { account, advSecret, registration, link }: Demand): void {
  const challenge = randomBytes(keyBytes).toString('base64url')
  const linking: PasskeyLinking = {
    account,
    priorSecret: advSecret && Buffer.from(advSecret),
    challenge,
    noticeIds: [],
    refs: [],
    prologue: undefined,
    ephemeral: makeKeyPair(),
    phoneNonce: randomBytes(keyBytes),
    nonceCame: false,
    isProven: false,
    newSecret: undefined,
    link,
  }
  registration.passkey = linking
  const { passkey_options_come: come } = world.behaviours
  notify(registration, linking, {
    type: 'passkey_prologue_request',
    content: come === 'with_the_request' ? [optionsOf(world, linking)] : [],
  })
}

/** Handles a stanza of a client that was asked for a passkey; false if the stanza is about something else. */
export function takePasskeyStanza(world: World, registration: Registration, node: Stanza): boolean {
  const { passkey: linking } = registration
  if (!linking) return false
  if (node.tag === 'ack') return linking.noticeIds.includes(attribute(node, 'id') ?? '')
  const asked = node.tag === 'iq' && attribute(node, 'xmlns') === 'md' ? child(node) : undefined
  const step = steps[`${attribute(node, 'type')} ${asked?.tag}`]
  if (!step || !asked) return false
  if (children(node).length !== 1) throw new ProtocolBreach('a step with others beside it')
  const answer = step({ world, registration, linking }, asked)
  const note = { step: asked.tag, outcome: answer === refused ? ('refused' as const) : ('taken' as const) }
  world.ledger.write(page => page.passkeys.push(note))
  const type = answer === refused ? 'error' : 'result'
  const content = answer === refused ? [stanza('error', { code: String(refused) })] : answer
  registration.connection.send(stanza('iq', { from: serverAddress, type, id: attribute(node, 'id') }, content))
  if (answer !== refused) proceed({ world, registration, linking }, asked.tag)
  return true
}

interface Scene {
  world: World
  registration: Registration
  linking: PasskeyLinking
}
type Step = (scene: Scene, asked: Stanza) => Stanza[] | typeof refused

const steps: Record<string, Step> = {
  'get passkey_request_options': ({ world, linking }) => [optionsOf(world, linking)],
  'get ref': ({ linking }) => {
    const ref = `2@${randomBytes(keyBytes).toString('base64')}`
    linking.refs.push(ref)
    return [stanza('ref', {}, Buffer.from(ref))]
  },
  'set passkey_prologue': takePrologue,
  'set companion_nonce': ({ world, linking }, asked) => {
    const nonce = bytes(asked)
    const { prologue, isProven } = linking
    if (nonce?.length !== keyBytes || !prologue) throw new ProtocolBreach('a nonce that nobody asked for')
    const isBound = createHash('sha256').update(prologue.identity).update(nonce).digest().equals(prologue.commitment)
    if (!isBound) throw new ProtocolBreach('another nonce than the one that was bound to')
    linking.nonceCame = true
    if (!isProven) world.ledger.write(page => page.passkeyCodes.push(codeOf(linking, nonce)))
    return []
  },
  'set encrypted_pairing_request': (scene, asked) => {
    scene.linking.newSecret = openRequest(scene, bytes(asked) ?? Buffer.alloc(0))
    return []
  },
}

function takePrologue({ registration, linking }: Scene, asked: Stanza): Stanza[] | typeof refused {
  const { account } = linking
  const fault = account.faults.passkey
  const proof = bytes(child(asked, 'pairing_handoff_proof'))
  const [credentialId, written, payload] = ['credential_id', 'webauthn_assertion', 'prologue_payload'].map(tag =>
    bytes(child(asked, tag)),
  )
  if (!credentialId || !written || !payload || children(asked).length !== (proof ? 4 : 3)) {
    throw new ProtocolBreach('a prologue with other parts')
  }
  if (linking.prologue) throw new ProtocolBreach('a second prologue')
  linking.isProven = proof !== undefined
  if (proof && !isProof(proof, linking, payload)) throw new ProtocolBreach('a prologue of somebody else')
  linking.prologue = readPrologue(payload, { registration, refs: linking.refs })
  if (!account.passkey) return refused
  const isAsserted = isAssertedBy(account.passkey, { written, challenge: linking.challenge })
  if (isAsserted === undefined) throw new ProtocolBreach('no assertion')
  const isNamed = credentialId.toString('base64url') === account.passkey.credentialId
  return isAsserted && isNamed && fault !== 'prologue_refused' ? [] : refused
}

/** Checks the proof. Without a prior secret no proof can be checked, so every proof is accepted. */
function isProof(proof: Buffer, { priorSecret }: PasskeyLinking, payload: Buffer): boolean {
  return !priorSecret || proof.equals(authenticate(expand(priorSecret, '', 'shortcake-passkey-handoff-v1'), payload))
}

/** The code that the phone shows when there is no proof, for its owner to compare. */
function codeOf({ ephemeral, phoneNonce }: PasskeyLinking, nonce: Buffer): string {
  const digest = createHash('sha256').update(nonce).update(ephemeral.publicKey).digest()
  return writeLinkCode(phoneNonce.subarray(0, codeBytes).map((byte, n) => byte ^ (digest[n] ?? 0)))
}

function readPrologue(
  payload: Buffer,
  { registration, refs }: { registration: Registration; refs: string[] },
): Prologue {
  const { companionEphemeralIdentity, commitment } = proto.ProloguePayload.decode(payload)
  const identity = Buffer.from(companionEphemeralIdentity ?? [])
  const { publicKey, deviceType, ref } = proto.CompanionEphemeralIdentity.decode(identity)
  const hash = Buffer.from(commitment?.hash ?? [])
  const isWhole = publicKey?.length === keyBytes && hash.length === keyBytes
  if (!publicKey || !isWhole || deviceType !== registration.platform || !ref || ref !== refs.at(-1)) {
    throw new ProtocolBreach('a prologue that says something else')
  }
  return { publicKey: Buffer.from(publicKey), identity, commitment: hash, ref }
}

/** What happens after an accepted step: the phone's part, and at the end the ordinary pairing. */
function proceed({ registration, linking }: Scene, tag: string): void {
  const fault = linking.account.faults.passkey
  if (tag === 'passkey_prologue' && fault !== 'continuation_withheld') {
    const identity = stanza('primary_ephemeral_identity', {}, phonesPart(linking))
    notify(registration, linking, { type: 'crsc_continuation', content: [identity] })
  }
  if (linking.newSecret) linking.link(linking.newSecret)
}

function phonesPart({ ephemeral, account, phoneNonce }: PasskeyLinking): Uint8Array {
  const { passkey: fault } = account.faults
  const publicKey = fault === 'continuation_zero_key' ? Buffer.alloc(keyBytes) : ephemeral.publicKey
  const nonce = fault === 'continuation_short' ? phoneNonce.subarray(1) : phoneNonce
  if (fault === 'continuation_garbled') return Buffer.from([0xff, 0xff, 0xff])
  return proto.PrimaryEphemeralIdentity.encode({ publicKey, nonce }).finish()
}

/** Opens the request, which only the phone can decrypt: it contains the secret for linking the device. */
function openRequest({ registration, linking }: Scene, sealed: Buffer): Buffer {
  const { prologue, ephemeral } = linking
  if (!prologue || !linking.nonceCame) throw new ProtocolBreach('a request before its nonce')
  const { encryptedPayload, iv } = proto.EncryptedPairingRequest.decode(sealed)
  const box = Buffer.from(encryptedPayload ?? [])
  if (iv?.length !== nonceBytes || box.length <= tagBytes) throw new ProtocolBreach('a request that is not sealed')
  const salt = `Companion Pairing ${registration.platform} with ref ${prologue.ref}`
  const key = expand(agree(ephemeral.privateKey, prologue.publicKey), salt, 'Pairing Information Encryption Key')
  const border = box.length - tagBytes
  const decipher = createDecipheriv('aes-256-gcm', key, iv).setAuthTag(box.subarray(border))
  const opened = Buffer.concat([decipher.update(box.subarray(0, border)), decipher.final()])
  const { companionPublicKey, companionIdentityKey, advSecret } = proto.PairingRequest.decode(opened)
  const isGenuine =
    registration.noiseKey.equals(companionPublicKey ?? Buffer.alloc(0)) &&
    registration.identityKey.equals(companionIdentityKey ?? Buffer.alloc(0))
  const secret = Buffer.from(advSecret ?? [])
  if (!isGenuine || secret.length !== keyBytes || linking.priorSecret?.equals(secret)) {
    throw new ProtocolBreach('a request of another device')
  }
  return secret
}

function optionsOf(world: World, { account, challenge }: PasskeyLinking): Stanza {
  const { passkey_timeout_ms: timeout, passkey_is_named: isNamed } = world.behaviours
  const id = account.passkey?.credentialId
  const options = {
    challenge,
    timeout,
    rpId: 'whatsapp.com',
    allowCredentials: isNamed && id !== undefined ? [{ id, type: 'public-key', transports: ['internal'] }] : [],
    userVerification: 'required',
    extensions: { uvm: true },
  }
  const written = account.faults.passkey === 'options_garbled' ? '{"challenge":' : JSON.stringify(options)
  return stanza('passkey_request_options', {}, Buffer.from(written))
}

function notify(
  { connection }: Registration,
  linking: PasskeyLinking,
  { type, content }: { type: string; content: Stanza[] },
): void {
  const id = String(randomInt(1, 2 ** 31))
  linking.noticeIds.push(id)
  connection.send(stanza('notification', { from: serverAddress, type, id, t: secondsNow() }, content))
}

function expand(material: Uint8Array, salt: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', material, salt, purpose, keyBytes))
}
