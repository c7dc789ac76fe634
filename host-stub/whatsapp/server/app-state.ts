import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { proto } from '@whiskeysockets/baileys'
import type { Account } from '../world/accounts.ts'
import type { AppStateKey } from '../crypto/app-state-key.ts'
import { bytesField } from '../phone/history.ts'
import { ProtocolBreach } from '../protocol/query.ts'
import { attribute, stanza, type Stanza } from '../wire/stanza.ts'
import { saltOf } from '../protocol/tokens.ts'
import type { World } from '../world/world.ts'

const expandedBytes = 160
const blockBytes = 16
const macBytes = 32
/** The fields `SyncActionData.value`, its `nctSaltSyncAction`, and the salt in that. Baileys' types do not contain the last two. */
const valueField = 2
const saltActionField = 80
const saltField = 1
const collectionOfSalt = 'regular_high'

/** An app-state collection: without changes, or with the salt for a device that has received nothing of it yet. */
export function collectionFor({ behaviours }: World, account: Account, node: Stanza): Stanza {
  const name = attribute(node, 'name')
  const version = attribute(node, 'version')
  if (name === undefined) throw new ProtocolBreach('app-state collection without a name')
  const isNew = behaviours.nct_salt_comes_by === 'app_state' && name === collectionOfSalt && version === '0'
  if (!isNew) return stanza('collection', { name, version })
  const action = bytesField(saltActionField, bytesField(saltField, saltOf(account)))
  const mutations = [sealedAction(account.appStateKey, ['nct_salt_sync'], action)]
  const keyId = { id: account.appStateKey.id }
  const patch = proto.SyncdPatch.encode({ version: { version: 1 }, mutations, keyId }).finish()
  return stanza('collection', { name, version: '1' }, [stanza('patches', {}, [stanza('patch', {}, patch)])])
}

/** An action of the app state, encrypted as a phone does it. Its MACs are random bytes, which Baileys does not check. */
export function sealedAction(key: AppStateKey, index: readonly string[], value: Uint8Array): proto.ISyncdMutation {
  const known = proto.SyncActionData.encode({ index: Buffer.from(JSON.stringify(index)), version: 1 }).finish()
  const expanded = Buffer.from(hkdfSync('sha256', key.data, '', 'WhatsApp Mutation Keys', expandedBytes))
  const iv = randomBytes(blockBytes)
  const cipher = createCipheriv('aes-256-cbc', expanded.subarray(32, 64), iv)
  const sealed = Buffer.concat([cipher.update(Buffer.concat([known, bytesField(valueField, value)])), cipher.final()])
  return {
    operation: proto.SyncdMutation.SyncdOperation.SET,
    record: {
      index: { blob: randomBytes(macBytes) },
      value: { blob: Buffer.concat([iv, sealed, randomBytes(macBytes)]) },
      keyId: { id: key.id },
    },
  }
}
