import type { BinaryNode, WASocket } from '@whiskeysockets/baileys'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Person } from '../../../../plugin/contract/ids.ts'
import { hostedApart, usersIn } from '../../../../plugin/gateway/recipients/device-answers.ts'
import { createDeviceCache } from '../../../../plugin/gateway/recipients/device-cache.ts'
import { createGroupCache } from '../../../../plugin/gateway/recipients/group-cache.ts'
import { createKnowledge } from '../../../../plugin/gateway/recipients/knowledge.ts'
import { participantHash } from '../../../../plugin/gateway/recipients/participant-hash.ts'
import { malformedOnes } from '../../../support/malformed-stanza.ts'
import type { GroupCharacter, PhoneCharacter } from '../../../support/network.ts'
import { answerKinds, notificationKinds } from '../../../support/stanza-kinds.ts'
import { person } from '../../../support/store.ts'

const GROUP = '120363000000000001@g.us'
const SELF = person('9', '15550000009')
const ALICE = person('1', '15550000001')
const completed = (each: Person): Person => (each.phone === ALICE.phone || each.lid === ALICE.lid ? ALICE : each)
const device = (user: string, number: number) => ({ user, server: 'lid' as const, device: number })

/** What is known of a group of two and of their devices, and what comes of what is told. */
async function known() {
  const seen = { asked: 0, renewed: [] as Person[], closed: [] as Person[], refused: 0, given: [] as string[] }
  const socket = {
    groupMetadata: (jid: string) => {
      seen.asked += 1
      return Promise.resolve({ id: jid, addressingMode: 'lid', participants: [{ id: '1@lid' }, { id: '9@lid' }] })
    },
    signalRepository: { lidMapping: { storeLIDPNMappings: () => Promise.resolve() } },
  } as unknown as WASocket
  const devices = createDeviceCache(Date.now)
  const groups = createGroupCache({ now: Date.now, complete: completed, self: () => SELF })
  const told = () => {
    devices.store.set('1', [device('1', 0), device('1', 2)])
    devices.store.set('9', [device('9', 0)])
  }
  const knowledge = createKnowledge({
    groups,
    devices,
    groupKeys: {
      ready: groups.refresh,
      isReady: jid => groups.known(jid) !== undefined,
      check: () => undefined,
      handing: () => undefined,
      alsoGiven: (_jid, to) => void seen.given.push(to),
      renewFor: whom => void seen.renewed.push(whom),
      forgetChecks: () => undefined,
    },
    complete: completed,
    self: () => SELF,
    ownJid: by => (by === 'lid' ? '9:5@lid' : '15550000009:5@s.whatsapp.net'),
    firmly: write => write(),
    closeSessions: whom => {
      seen.closed.push(whom)
      return Promise.resolve()
    },
    refused: () => void (seen.refused += 1),
  })
  await groups.refresh(GROUP, socket)
  told()
  const learn = async () => {
    await groups.refresh(GROUP, socket)
    knowledge.answered(usyncOf(['1', '9'].map(user => ({ user, devices: [] }))))
    told()
  }
  return { seen, socket, devices, groups, knowledge, learn }
}

type Listed = { readonly user: string; readonly devices: readonly BinaryNode['attrs'][] }

function usyncOf(users: readonly Listed[]): BinaryNode {
  const list = users.map(({ user, devices }) => ({
    tag: 'user',
    attrs: { jid: `${user}@s.whatsapp.net` },
    content: [
      {
        tag: 'devices',
        attrs: {},
        content: [
          { tag: 'device-list', attrs: {}, content: devices.map(attrs => ({ tag: 'device', attrs: { ...attrs } })) },
        ],
      },
      { tag: 'lid', attrs: { val: `${user}@lid` } },
    ],
  }))
  const content = [
    { tag: 'result', attrs: {} },
    { tag: 'list', attrs: {}, content: list },
  ]
  return { tag: 'iq', attrs: { type: 'result' }, content: [{ tag: 'usync', attrs: {}, content }] }
}

const ackOf = (from: string, phash: string): BinaryNode => ({
  tag: 'ack',
  attrs: { class: 'message', id: '3EB0A1', from, phash },
})

describe('an ack', () => {
  it('that names the devices that are known changes nothing', async () => {
    const { knowledge, devices } = await known()
    const version = devices.version()
    knowledge.acknowledged(ackOf(GROUP, participantHash(['1@lid', '1:2@lid', '9@lid', '9:5@lid'])))
    knowledge.acknowledged(ackOf('1@lid', participantHash(['1@lid', '1:2@lid', '9@lid', '9:5@lid'])))
    expect(devices.version()).toBe(version)
  })

  it('that names others has all be asked for once, and not for ever', async () => {
    const { seen, knowledge, devices, learn } = await known()
    for (let message = 0; message < 5; message += 1) {
      knowledge.acknowledged(ackOf(GROUP, '2:AAAAAAAA'))
      await learn()
    }
    expect(seen.asked).toBe(2)
    expect(devices.known('1')).toEqual(['1@lid', '1:2@lid'])
  })

  it('is hashed as others do it', () => {
    expect(participantHash([])).toBe('2:47DEQpj8')
    expect(participantHash(['2:1@lid', '1@lid'])).toBe(participantHash(['1@lid', '2:1@lid', '1@lid']))
  })
})

describe('a list of devices', () => {
  it('that was answered before it changed is not kept', () => {
    const devices = createDeviceCache(Date.now)
    devices.answered(['1'])
    devices.forget(['1'])
    devices.store.mset([{ key: '1', value: [device('1', 0)] }])
    expect(devices.known('1')).toEqual([])
    devices.answered(['1'])
    devices.store.mset([{ key: '1', value: [device('1', 0)] }])
    expect(devices.known('1')).toEqual(['1@lid'])
  })

  const listed = fc.array(
    fc.record({
      id: fc.integer({ min: 0, max: 120 }).map(String),
      is_hosted: fc.constantFrom('', 'true', '1', 'false'),
    }),
    { maxLength: 8 },
  )

  it('keeps each of its devices when those at WhatsApp itself are set apart, each of them alone and behind the others', () => {
    fc.assert(
      fc.property(fc.array(listed, { maxLength: 4 }), lists => {
        const answer = usyncOf(lists.map((devices, index) => ({ user: `1${index}`, devices })))
        const apart = usersOfAnswer(hostedApart(answer))
        const isHosted = ({ id, is_hosted }: BinaryNode['attrs']) =>
          id === '99' || ['true', '1'].includes(is_hosted ?? '')
        for (const [index, devices] of lists.entries()) {
          const parts = apart.filter(({ user }) => user === `1${index}@s.whatsapp.net`)
          expect(parts.flatMap(part => part.devices.map(({ id }) => id)).toSorted()).toEqual(
            devices.map(({ id }) => id).toSorted(),
          )
          for (const part of parts) {
            const hosted = part.devices.filter(isHosted)
            expect(hosted.length === 0 || part.devices.length === 1).toBe(true)
            expect(hosted.every(({ is_hosted }) => is_hosted === 'true')).toBe(true)
          }
          expect(parts.filter(({ hasLid }) => hasLid)).toHaveLength(1)
        }
      }),
    )
  })
})

const usersOfAnswer = (answer: BinaryNode) => {
  const within = (node: BinaryNode | undefined, tag: string): BinaryNode[] =>
    Array.isArray(node?.content) ? node.content.filter(child => child.tag === tag) : []
  return within(within(within(answer, 'usync')[0], 'list')[0], 'user').map(user => ({
    user: user.attrs['jid'],
    hasLid: within(user, 'lid').length > 0,
    devices: within(within(within(user, 'devices')[0], 'device-list')[0], 'device').map(({ attrs }) => attrs),
  }))
}

describe('what nobody would write', () => {
  const scene = {
    owner: { phone: '+15550000009', lid: '9' } as PhoneCharacter,
    alice: { phone: '+15550000001', lid: '1' } as PhoneCharacter,
    group: { id: GROUP } as GroupCharacter,
  }

  it('throws nothing, and names nobody a member who has no address', async () => {
    const { socket, groups, knowledge, learn } = await known()
    const kinds = { ...notificationKinds(scene), ...answerKinds(scene) }
    const each = Math.ceil(20_000 / Object.keys(kinds).length)
    let count = 0
    for (const good of Object.values(kinds)) {
      await learn().catch(() => undefined)
      for (const { stanza } of malformedOnes(good, each, { seed: 7 })) {
        count += 1
        if (stanza.tag === 'notification') knowledge.told(stanza)
        else if (stanza.tag === 'ack') knowledge.acknowledged(stanza)
        await knowledge.held(stanza, socket)?.catch(() => undefined)
      }
      const members = groups.known(GROUP)?.participants ?? []
      expect(members.filter(({ id }) => !/^[0-9]+@(lid|s\.whatsapp\.net)$/.test(id))).toEqual([])
    }
    expect(count).toBeGreaterThanOrEqual(20_000)
  }, 120_000)

  it('is no answer about devices either', () => {
    const good = usyncOf([{ user: '1', devices: [{ id: '0' }, { id: '99', is_hosted: 'true' }, { id: '2' }] }])
    for (const { stanza } of malformedOnes(good, 5_000, { seed: 8 })) {
      usersIn(stanza)
      hostedApart(stanza)
    }
  }, 60_000)
})
