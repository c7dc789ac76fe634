import { randomBytes, randomUUID } from 'node:crypto'
import { encodeBinaryNode, type BinaryNode } from '@whiskeysockets/baileys'

import { parseGroupId, parsePhone } from '../../plugin/contract/ids.ts'
import { chatWith } from './gateway.ts'
import type { JournalTown } from './journal-town.ts'

/** A query of ours: what is rightly answered to it, and how it comes about. */
export type AnswerKind = {
  /** As the network has it (`askedIn`). */
  readonly asked: string
  /** What the gateway may say meanwhile: the query itself, and what goes with it. */
  readonly says: readonly string[]
  readonly good: BinaryNode
  /** Makes the gateway ask, the how-manieth time; resolves to how it ended where that can be seen. */
  readonly ask: (town: JournalTown, index: number) => Promise<string | null>
}

type Attributes = Readonly<Record<string, string>>

const SERVER = '@s.whatsapp.net'
const node = (tag: string, attrs: Attributes = {}, content?: BinaryNode['content']): BinaryNode =>
  content === undefined ? { tag, attrs: { ...attrs } } : { tag, attrs: { ...attrs }, content }
const iq = (...content: BinaryNode[]): BinaryNode =>
  node('iq', { id: '#', from: SERVER, type: 'result' }, content.length > 0 ? content : undefined)
const nowS = String(Math.floor(Date.now() / 1_000))
const lidOf = ({ alice }: JournalTown): string => `${alice.lid}@lid`

/** Something that the server says, on which the gateway asks. */
const hears = async ({ network, owner }: JournalTown, ...stanzas: BinaryNode[]): Promise<null> => {
  await network.faults.write(
    owner,
    stanzas.map(each => encodeBinaryNode(each)),
  )
  return null
}

type Notice = { readonly type: string; readonly from: string; readonly index: number }

/** One that waited: of such ones Baileys leaves it to us to renew the session. */
const notified = ({ type, from, index }: Notice, content: BinaryNode): BinaryNode =>
  node('notification', { id: `N${index}`, from, type, t: nowS, offline: '0' }, [content])

/** Says something to alice; how that ended. */
export const say = async ({ gateway, alice }: JournalTown): Promise<string> =>
  (await gateway.say(chatWith(alice), randomUUID().replaceAll('-', '').toUpperCase(), 'said')).outcome

const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? error)

/** The queries that follow from what somebody wants, or from what is heard. */
export function answerKinds(town: JournalTown): Readonly<Record<string, AnswerKind>> {
  const lid = lidOf(town)
  const pn = `${town.alice.phone.slice(1)}@s.whatsapp.net`
  const usync = (...users: BinaryNode[]) =>
    iq(
      node('usync', { sid: '1', mode: 'query', last: 'true', index: '0', context: 'message' }, [
        node('result', {}, [node('devices'), node('lid')]),
        node('list', {}, users),
      ]),
    )
  const device = (id: string, more: Attributes = {}) => node('device', { id, ...more })
  const key = (tag: string, ...more: BinaryNode[]) =>
    node(tag, {}, [node('id', {}, Buffer.from([0, 0, 1])), node('value', {}, randomBytes(32)), ...more])
  return {
    'a number': {
      asked: 'usync contact+lid',
      says: ['iq get usync'],
      good: usync(node('user', { jid: pn }, [node('contact', { type: 'in' }), node('lid', { val: lid })])),
      ask: async ({ gateway }, index) => {
        const number = parsePhone(`+4477009${String(index).padStart(5, '0')}`)
        if (!number) throw new TypeError('no number')
        return (await gateway.supervisor.call('contact.lookup', { ...gateway.account, number })).outcome
      },
    },
    devices: {
      asked: 'usync devices+lid',
      says: ['iq get usync', 'iq get encrypt', 'iq set privacy', 'message', 'iq get w:mex'],
      good: usync(
        node('user', { jid: lid }, [
          node('devices', {}, [
            node('device-list', {}, [device('0'), device('3', { 'key-index': '3' })]),
            node('key-index-list', { ts: nowS }, randomBytes(40)),
          ]),
          node('lid', { val: lid }),
        ]),
      ),
      ask: async (there, index) => {
        await hears(
          there,
          notified(
            { type: 'devices', from: lid, index },
            node('add', { device_hash: '2:x' }, [node('device', { jid: lid })]),
          ),
        )
        return say(there)
      },
    },
    keys: {
      asked: 'encrypt key',
      says: ['iq get encrypt', 'iq get usync', 'iq set privacy', 'message'],
      good: iq(
        node('list', {}, [
          node('user', { jid: lid, t: nowS }, [
            node('registration', {}, Buffer.from([0, 0, 1, 2])),
            node('type', {}, Buffer.from([5])),
            node('identity', {}, randomBytes(32)),
            key('skey', node('signature', {}, randomBytes(64))),
            key('key'),
          ]),
        ]),
      ),
      ask: async (there, index) => {
        await hears(there, notified({ type: 'encrypt', from: lid, index }, node('identity')))
        return say(there)
      },
    },
    'keys that are published': {
      asked: 'encrypt registration',
      says: ['iq set encrypt', 'presence'],
      good: iq(),
      ask: (there, index) =>
        hears(there, notified({ type: 'encrypt', from: SERVER, index }, node('count', { value: '3' }))),
    },
    tokens: {
      asked: 'privacy tokens',
      says: ['iq set privacy', 'iq get w:mex'],
      good: iq(node('tokens', {}, [node('token', { jid: lid, t: nowS, type: 'trusted_contact' }, randomBytes(16))])),
      ask: refusedOnes,
    },
    'a lock': {
      asked: 'w:mex query',
      says: ['iq get w:mex', 'iq set privacy'],
      good: iq(
        node(
          'result',
          {},
          Buffer.from(
            JSON.stringify({
              data: {
                xwa2_fetch_account_reachout_timelock: {
                  is_active: false,
                  time_enforcement_ends: '0',
                  enforcement_type: 'DEFAULT',
                },
              },
            }),
          ),
        ),
      ),
      ask: refusedOnes,
    },
    'app state': {
      asked: 'w:sync:app:state sync',
      says: ['iq set w:sync:app:state'],
      good: iq(node('sync', {}, [node('collection', { name: 'regular', version: '2', has_more_patches: 'false' })])),
      ask: (there, index) =>
        hears(
          there,
          notified({ type: 'server_sync', from: SERVER, index }, node('collection', { name: 'regular', version: '3' })),
        ),
    },
    'a group': {
      asked: 'w:g2 query',
      says: ['iq get w:g2'],
      good: iq(groupOf(lid, pn)),
      ask: async ({ gateway }, index) => {
        const group = parseGroupId(`${120_363_000_000_100_000n + BigInt(index)}@g.us`)
        if (!group) throw new TypeError('no group')
        return gateway.supervisor.call('groups.get', { ...gateway.account, group }).then(() => 'found', codeOf)
      },
    },
    'a ping': {
      asked: 'w:p ping',
      says: [],
      good: iq(),
      ask: ({ gateway }) => gateway.supervisor.call('account.ping', gateway.account).then(() => 'answered', codeOf),
    },
  }
}

/** What is asked at every login, and what is rightly answered. */
export const LOGIN_ANSWERS: Readonly<Record<string, BinaryNode>> = {
  'encrypt count': iq(node('count', { value: '812' })),
  'encrypt digest': iq(
    node('digest', {}, [node('registration', {}, randomBytes(4)), node('identity', {}, randomBytes(32))]),
  ),
  'passive active': iq(),
  'abt props': iq(
    node('props', { protocol: '1', hash: 'h', refresh: '86400' }, [
      node('prop', { config_code: '10518', config_value: '1', name: '10518', value: '1' }),
    ]),
  ),
  'blocklist ': iq(node('list', { dhash: 'h' }, [node('item', { jid: '12345@lid' })])),
  'privacy privacy': iq(node('privacy', {}, [node('category', { name: 'readreceipts', value: 'all' })])),
}

const groupOf = (lid: string, pn: string): BinaryNode =>
  node(
    'group',
    {
      id: '120363000000000001',
      subject: 'yard',
      creation: nowS,
      s_t: nowS,
      addressing_mode: 'lid',
      creator: lid,
      size: '1',
    },
    [
      node('participant', { jid: lid, phone_number: pn, type: 'admin' }),
      node('description', { id: 'd', t: nowS }, [node('body', {}, Buffer.from('about'))]),
    ],
  )

/** As unwanted, of somebody else each time: whether that is for a lock is asked, unless it is being asked, and a token. */
async function refusedOnes(there: JournalTown, index: number): Promise<null> {
  await there.gateway.supervisor.call('account.ping', there.gateway.account)
  const from = `${90_000_000 + index}@lid`
  return hears(there, node('ack', { class: 'message', id: `K${index}`, from, error: '463' }))
}

/** Each kind with how its questions may end where that can be seen, and how many are asked at the most: of groups 30 a minute. */
export const ANSWER_KINDS: readonly (readonly [name: string, ends: readonly string[], most: number])[] = [
  ['a number', ['found', 'absent', 'unanswered'], Infinity],
  ['devices', ['sent', 'rejected', 'unknown'], Infinity],
  ['keys', ['sent', 'rejected', 'unknown'], Infinity],
  ['keys that are published', [], Infinity],
  ['tokens', [], Infinity],
  ['a lock', [], Infinity],
  ['app state', [], Infinity],
  ['a group', ['found', 'not_found', 'gateway_unreachable'], 25],
  ['a ping', ['answered', 'gateway_unreachable'], Infinity],
]
