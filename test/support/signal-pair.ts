import { join } from 'node:path'
import {
  Curve,
  DEFAULT_CONNECTION_CONFIG,
  addTransactionCapability,
  encodeWAMessage,
  generateSignalPubKey,
  initAuthCreds,
  proto,
  unpadRandomMax16,
  type AuthenticationCreds,
  type BinaryNode,
  type SignalKeyStore,
} from '@whiskeysockets/baileys'

import { DEFAULT_ACCOUNT, lidFromDigits, parseOrgId, phoneFromDigits } from '../../plugin/contract/ids.ts'
import { openAccountFile } from '../../plugin/gateway/state/account-file.ts'
import { createBaileysLog } from '../../plugin/gateway/connection/baileys-log.ts'
import { createDeviceCache } from '../../plugin/gateway/recipients/device-cache.ts'
import { createDurability } from '../../plugin/gateway/inbound/durability.ts'
import { createStorageGuard, type FileFault } from '../../plugin/gateway/storage-guard.ts'
import { createGroupCache } from '../../plugin/gateway/recipients/group-cache.ts'
import { createGroupKeys } from '../../plugin/gateway/recipients/group-keys.ts'
import { openSessionStore } from '../../plugin/gateway/state/session-store.ts'
import { temporaryFolder } from './temporary-folder.ts'

// libsignal prints sessions with their private keys, and here it lives in the test's own process.
for (const level of ['info', 'warn', 'error'] as const) console[level] = () => undefined

const nothing = (): void => undefined
const log = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing }
const logger = createBaileysLog(log)
const repositoryOf = DEFAULT_CONNECTION_CONFIG.makeSignalRepository

/** The keys as Baileys uses them itself. */
const transactional = (keys: SignalKeyStore) =>
  addTransactionCapability(keys, logger, { maxCommitRetries: 1, delayBetweenTriesMs: 0 })

export const OUR_LID = '55501:1@lid'
export const ALICE_LID = '77701@lid'
const SELF = { lid: lidFromDigits('55501'), phone: phoneFromDigits('4915112345678') }

/** Our account on its real file, and Alice with the stock repository and a session with us. */
export async function signalPair() {
  const folder = await temporaryFolder()
  const org = parseOrgId('org_local')
  if (!org) throw new Error('not an org')
  const place = { authFolder: join(folder.path, 'auth'), key: { org, account: DEFAULT_ACCOUNT }, noiseRoot: '00' }
  const creds: AuthenticationCreds = { ...initAuthCreds(), me: { id: '4915112345678:1@s.whatsapp.net', lid: OUR_LID } }
  const preKey = Curve.generateKeyPair()
  const aliceCreds: AuthenticationCreds = { ...initAuthCreds(), me: { id: '972500000001:0@s.whatsapp.net' } }
  const aliceKeys = transactional(memoryKeys())
  const alice = repositoryOf({ creds: aliceCreds, keys: aliceKeys }, logger)
  await alice.injectE2ESession({ jid: OUR_LID, session: bundleOf(creds, { keyId: 1, publicKey: preKey.public }) })

  /** Opens the file as a new process would; `crash` lets go of it without another word. */
  const open = () => {
    const store = openSessionStore(place)
    if ('reason' in store) throw new Error(store.detail)
    if (store.creds() === null) store.replaceLogin(creds, { 'pre-key': { 1: preKey } })
    const cuts: FileFault[] = []
    const storageGuard = createStorageGuard()
    storageGuard.protect(fault => cuts.push(fault))
    const file = openAccountFile(store, { storageGuard, now: Date.now, grown: nothing })
    const [now, self] = [Date.now, () => SELF]
    const devices = createDeviceCache(now)
    const groups = createGroupCache({ now, self, complete: file.journal.complete })
    const { database, keys } = store
    const groupKeys = createGroupKeys({ database, keys, atomically: file.atomically, groups, devices, now })
    const told = { leftOut: nothing, refused: nothing }
    const ports = { storageGuard, now, self, creds: () => creds, groups, groupKeys, devices, ...told }
    const durability = createDurability({ ...file, ...ports })
    const baileysKeys = transactional(file.keys)
    const repository = durability.repository({ creds, keys: baileysKeys }, logger)
    const receive = (stanza: BinaryNode): Promise<Uint8Array> => {
      durability.arrived(stanza)
      return decryptIn(stanza)
    }
    const decryptIn = (stanza: BinaryNode): Promise<Uint8Array> => {
      const [part] = Array.isArray(stanza.content) ? stanza.content : []
      const type = part?.attrs['type'] === 'pkmsg' ? 'pkmsg' : 'msg'
      return repository.decryptMessage({ jid: ALICE_LID, type, ciphertext: part?.content as Uint8Array })
    }
    return {
      store,
      baileysKeys,
      file,
      cuts,
      durability,
      repository,
      receive,
      decryptIn,
      crash: store.close,
      recover: () => durability.recover(log),
    }
  }
  return { alice, aliceBundle: bundleOf(aliceCreds), open, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

type Pair = Awaited<ReturnType<typeof signalPair>>

/** What the network delivers when Alice writes to us. */
export async function stanzaFrom({ alice }: Pick<Pair, 'alice'>, id: string, text: string): Promise<BinaryNode> {
  const { type, ciphertext } = await alice.encryptMessage({
    jid: OUR_LID,
    data: encodeWAMessage({ conversation: text }),
  })
  const attrs = { id, from: ALICE_LID, sender_pn: '972500000001@s.whatsapp.net', t: '1700000000', type: 'text' }
  return { tag: 'message', attrs, content: [{ tag: 'enc', attrs: { v: '2', type }, content: ciphertext }] }
}

/** The same bytes in other memory, as they come off the line again. */
export function deliveredAgain({ tag, attrs, content }: BinaryNode): BinaryNode {
  const parts = Array.isArray(content) ? content : []
  return { tag, attrs, content: parts.map(part => ({ ...part, content: Buffer.from(part.content as Uint8Array) })) }
}

/** The text of a padded plaintext, empty for the empty message. */
export const textIn = (padded: Uint8Array): string => proto.Message.decode(unpadRandomMax16(padded)).conversation ?? ''

function bundleOf(creds: AuthenticationCreds, preKey?: { readonly keyId: number; readonly publicKey: Uint8Array }) {
  const { signedPreKey, signedIdentityKey, registrationId } = creds
  return {
    registrationId,
    identityKey: generateSignalPubKey(signedIdentityKey.public),
    signedPreKey: {
      keyId: signedPreKey.keyId,
      publicKey: generateSignalPubKey(signedPreKey.keyPair.public),
      signature: signedPreKey.signature,
    },
    ...(preKey && { preKey: { keyId: preKey.keyId, publicKey: generateSignalPubKey(preKey.publicKey) } }),
  }
}

function memoryKeys(): SignalKeyStore {
  const rows = new Map<string, unknown>()
  return {
    get: (type, ids) => {
      const found = ids.flatMap(id => (rows.has(`${type} ${id}`) ? [[id, rows.get(`${type} ${id}`)]] : []))
      return Object.fromEntries(found) as never
    },
    set: changes => {
      for (const [type, entries] of Object.entries(changes)) {
        for (const [id, value] of Object.entries(entries)) {
          if (value === null) rows.delete(`${type} ${id}`)
          else rows.set(`${type} ${id}`, structuredClone(value))
        }
      }
    },
  }
}
