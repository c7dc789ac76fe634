import {
  createDecipheriv,
  createHash,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
} from 'node:crypto'
import { initAuthCreds, proto, type BinaryNode, type WASocket } from '@whiskeysockets/baileys'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { PasskeyRequest } from '../../../../plugin/contract/passkey.ts'
import { createPasskeyLink } from '../../../../plugin/gateway/pairing/passkey-link.ts'
import { primaryIdentityIn } from '../../../../plugin/gateway/pairing/passkey-prologue.ts'
import { createAuthenticator } from '../../../support/authenticator.ts'

const FROM = '@s.whatsapp.net'
const REF = '2@the-ref'
const MINUTE_MS = 60_000
const OPTIONS = {
  challenge: randomBytes(32).toString('base64url'),
  timeout: 600_000,
  rpId: 'whatsapp.com',
  allowCredentials: [],
  userVerification: 'required',
  extensions: { uvm: true },
}

const leaf = (tag: string, content: Uint8Array | string): BinaryNode => ({ tag, attrs: {}, content })
const notice = (type: string, content: BinaryNode[], from = FROM): BinaryNode => ({
  tag: 'notification',
  attrs: { from, type, id: '1' },
  content,
})
const request = (options: unknown = OPTIONS): BinaryNode =>
  notice('passkey_prologue_request', [leaf('passkey_request_options', Buffer.from(JSON.stringify(options)))])

/** A line on which WhatsApp takes everything, and all that happens on it. */
function open(creds = initAuthCreds()) {
  const world = { at: 0, over: false }
  const sent: BinaryNode[] = []
  const shown: PasskeyRequest[] = []
  const failed: string[] = []
  const query = async (stanza: BinaryNode): Promise<BinaryNode> => {
    const [asked] = stanza.content as BinaryNode[]
    if (asked) sent.push(asked)
    const content = asked?.tag === 'ref' ? [leaf('ref', Buffer.from(REF))] : []
    return { tag: 'iq', attrs: { type: 'result' }, content }
  }
  const link = createPasskeyLink({
    query: query as WASocket['query'],
    creds,
    now: () => world.at,
    show: state => shown.push(state),
    failed: reason => {
      failed.push(reason)
      world.over = true
    },
    isOver: () => world.over,
  })
  return { creds, world, sent, shown, failed, link }
}

/** Until nothing waits for its turn any more. */
const settled = (): Promise<void> => new Promise(resolve => void setImmediate(resolve))

/** The phone's half, with code of its own. */
function phone(payload: Uint8Array) {
  const { companionEphemeralIdentity, commitment } = proto.ProloguePayload.decode(payload)
  const identity = Buffer.from(companionEphemeralIdentity ?? [])
  const { publicKey } = proto.CompanionEphemeralIdentity.decode(identity)
  const pair = generateKeyPairSync('x25519')
  const mine = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  const prefix = Buffer.from('302a300506032b656e032100', 'hex')
  const theirs = createPublicKey({
    key: Buffer.concat([prefix, publicKey ?? Buffer.alloc(0)]),
    format: 'der',
    type: 'spki',
  })
  const shared = diffieHellman({ privateKey: pair.privateKey, publicKey: theirs })
  const nonce = randomBytes(32)
  return {
    continuation: notice('crsc_continuation', [
      leaf('primary_ephemeral_identity', proto.PrimaryEphemeralIdentity.encode({ publicKey: mine, nonce }).finish()),
    ]),
    isBoundTo: (theirNonce: Uint8Array): boolean =>
      createHash('sha256')
        .update(identity)
        .update(theirNonce)
        .digest()
        .equals(Buffer.from(commitment?.hash ?? [])),
    code(theirNonce: Uint8Array): string {
      const digest = createHash('sha256').update(theirNonce).update(mine).digest()
      const bits = [0, 1, 2, 3, 4].map(n => ((nonce[n] ?? 0) ^ (digest[n] ?? 0)).toString(2).padStart(8, '0')).join('')
      const letters = '123456789ABCDEFGHJKLMNPQRSTVWXYZ'
      return (bits.match(/.{5}/g) ?? []).map(five => letters[Number.parseInt(five, 2)]).join('')
    },
    open(sealed: Uint8Array) {
      const { encryptedPayload, iv } = proto.EncryptedPairingRequest.decode(sealed)
      const box = Buffer.from(encryptedPayload ?? [])
      const salt = `Companion Pairing 1 with ref ${REF}`
      const key = Buffer.from(hkdfSync('sha256', shared, salt, 'Pairing Information Encryption Key', 32))
      const decipher = createDecipheriv('aes-256-gcm', key, iv ?? Buffer.alloc(12)).setAuthTag(box.subarray(-16))
      return proto.PairingRequest.decode(Buffer.concat([decipher.update(box.subarray(0, -16)), decipher.final()]))
    },
  }
}

const partOf = (node: BinaryNode | undefined, tag: string): Uint8Array | undefined =>
  (node?.content as BinaryNode[] | undefined)?.find(each => each.tag === tag)?.content as Uint8Array | undefined

const authenticator = createAuthenticator()
const answer = (): string => JSON.stringify(authenticator.answers(OPTIONS))

describe('the linking with a passkey', () => {
  it('proves within five minutes that it is who showed the code, and seals the pairing with a new secret', async () => {
    const { creds, world, sent, shown, link } = open()
    const prior = creds.advSecretKey
    link.asked(request())
    expect(creds.advSecretKey).not.toBe(prior)
    world.at += 5 * MINUTE_MS - 1
    expect(link.answer(answer())).toEqual({ outcome: 'given' })
    await settled()
    const [, prologue] = sent
    const payload = partOf(prologue, 'prologue_payload') ?? Buffer.alloc(0)
    const key = hkdfSync('sha256', Buffer.from(prior, 'base64'), '', 'shortcake-passkey-handoff-v1', 32)
    const proof = createHmac('sha256', Buffer.from(key)).update(payload).digest()
    expect(partOf(prologue, 'pairing_handoff_proof')).toEqual(proof)
    const other = phone(payload)
    link.continued(other.continuation)
    link.continued(other.continuation)
    await settled()
    expect(sent.map(({ tag }) => tag)).toEqual([
      'ref',
      'passkey_prologue',
      'companion_nonce',
      'encrypted_pairing_request',
    ])
    expect(other.isBoundTo(sent[2]?.content as Uint8Array)).toBe(true)
    const opened = other.open(sent[3]?.content as Uint8Array)
    expect(Buffer.from(opened.advSecret ?? []).toString('base64')).toBe(creds.advSecretKey)
    expect(Buffer.from(opened.companionPublicKey ?? [])).toEqual(Buffer.from(creds.noiseKey.public))
    expect(Buffer.from(opened.companionIdentityKey ?? [])).toEqual(Buffer.from(creds.signedIdentityKey.public))
    expect(shown.map(({ step }) => step)).toEqual(['wanted', 'given', 'given'])
  })

  it('later gives no proof and no secret before a person has compared the code with the phone’s', async () => {
    const { world, sent, shown, link } = open()
    link.asked(request())
    world.at += 5 * MINUTE_MS
    link.answer(answer())
    await settled()
    expect(partOf(sent[1], 'pairing_handoff_proof')).toBeUndefined()
    const other = phone(partOf(sent[1], 'prologue_payload') ?? Buffer.alloc(0))
    expect(link.confirm()).toBe(false)
    link.continued(other.continuation)
    await settled()
    expect(sent.map(({ tag }) => tag)).toEqual(['ref', 'passkey_prologue', 'companion_nonce'])
    expect(shown.at(-1)).toEqual({ step: 'compare', code: other.code(sent[2]?.content as Uint8Array) })
    expect([link.confirm(), link.confirm()]).toEqual([true, false])
    await settled()
    expect(other.open(sent[3]?.content as Uint8Array).advSecret).toHaveLength(32)
    expect(sent).toHaveLength(4)
  })

  it('sends nothing after its ten minutes, nor once the pairing has ended', async () => {
    const late = open()
    late.link.asked(request())
    late.world.at += 10 * MINUTE_MS
    expect(late.link.answer(answer())).toEqual({ outcome: 'not_awaited' })
    const stopped = open()
    stopped.link.asked(request())
    stopped.world.over = true
    expect(stopped.link.answer(answer())).toEqual({ outcome: 'not_awaited' })
    await settled()
    expect([late.sent, stopped.sent]).toEqual([[], []])
  })

  it('asks once more when WhatsApp asks again, and takes the answer to the newest question alone', async () => {
    const { sent, shown, link } = open()
    link.asked(request())
    const first = answer()
    const newest = { ...OPTIONS, challenge: randomBytes(32).toString('base64url') }
    link.asked(request(newest))
    expect(link.answer(first)).toEqual({ outcome: 'refused', problem: 'other_challenge' })
    expect(link.answer(JSON.stringify(authenticator.answers(newest)))).toEqual({ outcome: 'given' })
    await settled()
    expect(shown.map(({ step }) => step)).toEqual(['wanted', 'wanted', 'given'])
    expect(sent.filter(({ tag }) => tag === 'passkey_prologue')).toHaveLength(1)
  })

  it('hears nobody but the server', () => {
    const { creds, shown, link } = open()
    const prior = creds.advSecretKey
    link.asked(notice('passkey_prologue_request', request().content as BinaryNode[], '972500000001@s.whatsapp.net'))
    expect([shown, creds.advSecretKey]).toEqual([[], prior])
  })
})

describe('the options', () => {
  it('may stand within publicKey, and in plain base64: what is shown is base64url', () => {
    const challenge = Buffer.alloc(16, Buffer.from('fbefff', 'hex'))
    const id = Buffer.from('ffefbe', 'hex')
    const plain = {
      challenge: challenge.toString('base64'),
      allowCredentials: [{ id: id.toString('base64'), type: 'public-key' }],
    }
    for (const options of [{ ...OPTIONS, ...plain }, { publicKey: { ...OPTIONS, ...plain } }]) {
      const { shown, failed, link } = open()
      link.asked(request(options))
      expect(failed).toEqual([])
      expect(shown).toMatchObject([
        {
          step: 'wanted',
          options: { challenge: challenge.toString('base64url'), allowCredentials: [{ id: id.toString('base64url') }] },
        },
      ])
    }
  })
})

describe('malformed stanzas', () => {
  const junk = fc.oneof(
    fc.jsonValue().map(value => JSON.stringify(value)),
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc
      .tuple(fc.constantFrom(...Object.keys(OPTIONS)), fc.jsonValue())
      .map(([name, value]) => JSON.stringify({ ...OPTIONS, [name]: value })),
  )
  const content = fc.oneof(
    junk.map(text => Buffer.from(text)),
    junk,
    fc.uint8Array({ maxLength: 80 }),
    fc.array(fc.record({ tag: fc.string(), attrs: fc.constant({}) }), { maxLength: 2 }),
  )

  it('have a typed outcome, throw nothing, and are answered by nothing', () => {
    const creds = initAuthCreds()
    fc.assert(
      fc.property(content, content, (options, identity) => {
        const { sent, shown, failed, link } = open(creds)
        link.asked(
          notice('passkey_prologue_request', [{ tag: 'passkey_request_options', attrs: {}, content: options }]),
        )
        link.continued(
          notice('crsc_continuation', [{ tag: 'primary_ephemeral_identity', attrs: {}, content: identity }]),
        )
        // What the options may be and still fit is shown, for a person to see.
        const isTyped = shown.length === 1 ? shown[0]?.step === 'wanted' : failed.join() === 'passkey_unreadable'
        return sent.length === 0 && isTyped
      }),
      { numRuns: 20_000 },
    )
  })

  it('of the phone are read as nothing', () => {
    fc.assert(
      fc.property(
        content,
        identity =>
          primaryIdentityIn(
            notice('crsc_continuation', [{ tag: 'primary_ephemeral_identity', attrs: {}, content: identity }]),
          ) === null,
      ),
      { numRuns: 20_000 },
    )
  })

  it.each([[Buffer.alloc(0)], [Buffer.from('0a0102', 'hex')], ['text'], [[]]])(
    'of the phone end it after our answer, and nothing more goes out',
    async identity => {
      const { sent, failed, link } = open()
      link.asked(request())
      link.answer(answer())
      await settled()
      link.continued(notice('crsc_continuation', [{ tag: 'primary_ephemeral_identity', attrs: {}, content: identity }]))
      await settled()
      expect([sent.map(({ tag }) => tag), failed]).toEqual([['ref', 'passkey_prologue'], ['passkey_unreadable']])
    },
  )
})
