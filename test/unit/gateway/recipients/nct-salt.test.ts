import { randomBytes } from 'node:crypto'
import { decodeSyncdMutations, newLTHashState, processSyncAction, proto } from '@whiskeysockets/baileys'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'

import { makeAppStateKey, type AppStateKey } from '../../../../host-stub/whatsapp/crypto/app-state-key.ts'
import { sealedAction } from '../../../../host-stub/whatsapp/server/app-state.ts'
import { bytesField as write } from '../../../../host-stub/whatsapp/phone/history.ts'
import { createBaileysLog } from '../../../../plugin/gateway/connection/baileys-log.ts'
import { keepSalts, saltOfAction, saltOfHistory } from '../../../../plugin/gateway/recipients/nct-salt.ts'
import { bytesField } from '../../../../plugin/gateway/recipients/protobuf-field.ts'
import { keptLog } from '../../../support/host.ts'

beforeAll(() => keepSalts())

const SALT = randomBytes(32)

describe('a field that the types of Baileys do not know', () => {
  it('is found behind whatever they do know', () => {
    fc.assert(
      fc.property(fc.string(), fc.uint8Array({ minLength: 1, maxLength: 300 }), (name, value) => {
        const known = proto.Pushname.encode({ id: name, pushname: name }).finish()
        const bytes = Buffer.concat([known, write(80, value)])
        expect(Buffer.from(bytesField(bytes, 80) ?? [])).toEqual(Buffer.from(value))
        expect(bytesField(known, 80)).toBeNull()
        expect(Buffer.from(bytesField(Buffer.concat([bytes, Buffer.from([0xff])]), 80) ?? [])).toEqual(
          Buffer.from(value),
        )
      }),
    )
  })

  it('is looked for in 20,000 pieces of anything without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 100 }), (bytes, field) => {
        const found = bytesField(bytes, field)
        expect(found === null || found.length <= bytes.length).toBe(true)
      }),
      { numRuns: 20_000 },
    )
  })
})

describe('the salt of a history', () => {
  it('is kept beside what Baileys decodes', () => {
    const known = proto.HistorySync.encode({ syncType: 0, pushnames: [{ id: 'x', pushname: 'y' }] }).finish()
    const decoded = proto.HistorySync.decode(Buffer.concat([known, write(19, SALT)]))
    expect(decoded.pushnames).toHaveLength(1)
    expect(Buffer.from(saltOfHistory(decoded) ?? [])).toEqual(SALT)
    expect(saltOfHistory(proto.HistorySync.decode(known))).toBeNull()
    expect(saltOfHistory({})).toBeNull()
  })

  it('is none when it is empty, or longer than any salt', () => {
    const known = proto.HistorySync.encode({ syncType: 0 }).finish()
    for (const salt of [Buffer.alloc(0), Buffer.alloc(2_000)])
      expect(saltOfHistory(proto.HistorySync.decode(Buffer.concat([known, write(19, salt)])))).toBeNull()
  })
})

async function actionsOf(mutation: proto.ISyncdMutation, { data: keyData }: AppStateKey): Promise<unknown[]> {
  const acted: unknown[] = []
  const log = createBaileysLog(keptLog().log, { acted: action => acted.push(action) })
  const key = proto.Message.AppStateSyncKeyData.fromObject({ keyData })
  const state = { ...newLTHashState(), version: 1 }
  const noted: Parameters<typeof processSyncAction>[0][] = []
  await decodeSyncdMutations(
    [mutation],
    state,
    () => Promise.resolve(key),
    each => noted.push(each),
    false,
  )
  const events = { emit: () => true } as never
  for (const each of noted) processSyncAction(each, events, { id: 'me' }, undefined, log)
  return acted
}

describe('the salt of an action of the app state', () => {
  it('is heard by way of Baileys, and so is that it was taken back', async () => {
    const key = makeAppStateKey()
    const told = write(80, write(1, SALT))
    const [set] = await actionsOf(sealedAction(key, ['nct_salt_sync'], told), key)
    expect(saltOfAction(set)).toEqual(Uint8Array.from(SALT))
    const [removed] = await actionsOf(sealedAction(key, ['nct_salt_sync'], write(80, Buffer.alloc(0))), key)
    expect(saltOfAction(removed)).toBe('withdrawn')
    const [other] = await actionsOf(sealedAction(key, ['mute', 'x@lid'], told), key)
    expect(saltOfAction(other)).toBeNull()
  })

  it('is none of whatever else comes', () => {
    fc.assert(fc.property(fc.anything(), action => saltOfAction(action) === null))
  })
})
