import type { BinaryNode } from '@whiskeysockets/baileys'

import type { GroupCharacter, PhoneCharacter } from './network.ts'
import { passkeyKinds } from './pairing-kinds.ts'
import { bytes, json, node, nowS, SERVER, type Attributes, type StanzaKinds } from './stanza-parts.ts'

/** Who the stanzas are about. */
export type StanzaScene = {
  readonly owner: PhoneCharacter
  readonly alice: PhoneCharacter
  readonly group: GroupCharacter
}

type Addresses = { readonly pn: string; readonly lid: string; readonly group: string; readonly own: string }

function addressesOf({ owner, alice, group }: StanzaScene): Addresses {
  const pn = (phone: PhoneCharacter) => `${phone.phone.slice(1)}@s.whatsapp.net`
  return { pn: pn(alice), lid: `${alice.lid}@lid`, group: group.id, own: pn(owner) }
}

/** Messages of every way of coming. */
export function messageKinds(scene: StanzaScene): StanzaKinds {
  const { pn, lid, group, own } = addressesOf(scene)
  const message = (attrs: Attributes, content: BinaryNode[]) =>
    node('message', { id: 'A1', t: nowS, type: 'text', notify: 'alice', ...attrs }, content)
  const encrypted = (type: string) => node('enc', { v: '2', type }, bytes(120))
  return {
    'direct message': message({ from: lid, sender_pn: pn, addressing_mode: 'lid' }, [encrypted('msg')]),
    'first direct message': message({ from: pn, sender_lid: lid }, [
      encrypted('pkmsg'),
      node('device-identity', {}, bytes(60)),
    ]),
    'group message': message({ from: group, participant: lid, participant_pn: pn, addressing_mode: 'lid' }, [
      encrypted('pkmsg'),
      encrypted('skmsg'),
    ]),
    'own message': message({ from: own, recipient: lid }, [encrypted('msg')]),
    'peer message': message({ from: own, category: 'peer' }, [encrypted('msg')]),
    'unavailable message': message({ from: lid }, [node('unavailable', { type: 'view_once_unavailable_fanout' })]),
    'status message': message({ from: 'status@broadcast', participant: lid }, [encrypted('skmsg')]),
    'message that waited': message({ from: pn, offline: '0', peer_recipient_pn: own, sender_lid: lid }, [
      encrypted('msg'),
    ]),
    'message of a bot': message({ from: lid }, [encrypted('msmsg')]),
    'message with a token': message({ from: lid, peer_recipient_lid: lid }, [
      encrypted('msg'),
      node('tctoken', { t: nowS }, bytes(16)),
    ]),
    'newsletter message': message({ from: '120363000000000001@newsletter', server_id: '7' }, [
      node('plaintext', {}, Buffer.from([10, 1, 65])),
    ]),
    status: node('status', { id: 'S1', from: lid, t: nowS, type: 'text' }, [encrypted('msg')]),
    appdata: node('appdata', { id: 'D1', from: SERVER, t: nowS, type: 'set' }, [node('item', { name: 'x' })]),
  }
}

/** Receipts, acks, and what people are seen to do. */
export function answerKinds(scene: StanzaScene): StanzaKinds {
  const { pn, lid, group } = addressesOf(scene)
  const receipt = (attrs: Attributes, content?: BinaryNode[]) =>
    node('receipt', { id: 'R1', from: lid, t: nowS, ...attrs }, content)
  const keys = node('keys', {}, [
    node('type', {}, Buffer.from([5])),
    node('identity', {}, bytes(32)),
    node('key', {}, [node('id', {}, Buffer.from([0, 0, 1])), node('value', {}, bytes(32))]),
    node('skey', {}, [
      node('id', {}, Buffer.from([0, 0, 1])),
      node('value', {}, bytes(32)),
      node('signature', {}, bytes(64)),
    ]),
    node('device-identity', {}, bytes(60)),
  ])
  return {
    'delivery receipt': receipt({}, [node('list', {}, [node('item', { id: 'R2' })])]),
    'read receipt': receipt({ type: 'read', from: group, participant: lid }),
    'retry receipt': receipt({ type: 'retry' }, [
      node('retry', { v: '1', count: '1', id: 'R1', t: nowS }),
      node('registration', {}, bytes(4)),
      keys,
    ]),
    'retry receipt of a group': receipt({ type: 'retry', from: group, participant: lid }, [
      node('retry', { v: '1', count: '1', id: 'R1', t: nowS }),
      node('registration', {}, bytes(4)),
    ]),
    'server-error receipt': receipt({ type: 'server-error' }, [node('rmr', { jid: lid, from_me: 'true' })]),
    ack: node('ack', { class: 'message', id: 'K1', from: lid, t: nowS }),
    'ack with a hash': node('ack', { class: 'message', id: 'K1', from: lid, t: nowS, phash: '2:AAAAAAAA' }),
    'group ack with a hash': node('ack', { class: 'message', id: 'K1', from: group, t: nowS, phash: '2:AAAAAAAA' }),
    'ack with a hash and an error': node('ack', { class: 'message', id: 'K1', from: lid, phash: '2:A', error: '421' }),
    'ack of a receipt': node('ack', { class: 'receipt', id: 'K1', from: lid, type: 'read', participant: lid }),
    'refusing ack': node('ack', { class: 'message', id: 'K1', from: lid, error: '463' }),
    presence: node('presence', { from: lid, type: 'unavailable', last: nowS }),
    chatstate: node('chatstate', { from: lid }, [node('composing', { media: 'audio' })]),
    'chatstate of a group': node('chatstate', { from: group, participant: lid }, [node('paused')]),
    call: node('call', { id: 'C1', from: lid, t: nowS }, [
      node('offer', { 'call-id': 'CALL', 'call-creator': lid }, [node('audio', { rate: '8000' })]),
    ]),
    'call of a group': node('call', { id: 'C1', from: lid, t: nowS }, [
      node(
        'offer_notice',
        { 'call-id': 'CALL', 'call-creator': lid, caller_pn: pn, 'group-jid': group, media: 'video' },
        [node('video')],
      ),
    ]),
    'call that ends': node('call', { id: 'C1', from: lid, t: nowS }, [
      node('terminate', { 'call-id': 'CALL', 'call-creator': lid, reason: 'timeout' }),
    ]),
  }
}

/** Notifications of every type. */
export function notificationKinds(scene: StanzaScene): StanzaKinds {
  const { pn, lid, group, own } = addressesOf(scene)
  const notification = (type: string, from: string, content?: BinaryNode[]) =>
    node('notification', { id: 'N1', from, type, t: nowS }, content)
  const participant = node('participant', { jid: lid, phone_number: pn })
  const inGroup = (change: BinaryNode) =>
    node('notification', { id: 'N1', from: group, type: 'w:gp2', t: nowS, participant: lid }, [change])
  const mex = (op_name: string, data: unknown) =>
    notification('mex', SERVER, [node('update', { op_name }, json({ data }))])
  const set = node('set', { jid: lid, id: '1', author: pn, hash: 'h' })
  return {
    'group add': inGroup(node('add', { reason: 'invite' }, [participant])),
    'group remove': inGroup(node('remove', {}, [participant])),
    'group leave': inGroup(node('leave', {}, [node('participant', { jid: pn, lid })])),
    'group modify': inGroup(node('modify', {}, [participant])),
    'group create': inGroup(
      node('create', { type: 'new' }, [
        node('group', { id: group.split('@')[0] ?? '', creation: nowS, creator: lid, subject: 'yard' }, [participant]),
      ]),
    ),
    ...Object.fromEntries(
      ['promote', 'demote'].map(change => [`group ${change}`, inGroup(node(change, {}, [participant]))]),
    ),
    ...Object.fromEntries(
      ['picture', 'invite', 'locked', 'unlocked'].map(change => [
        `group ${change}`,
        inGroup(node(change, { code: 'c' })),
      ]),
    ),
    'group change by number': node(
      'notification',
      { id: 'N1', from: group, type: 'w:gp2', t: nowS, participant: lid, participant_pn: pn, participant_lid: lid },
      [
        node('add', {}, [
          node('participant', { jid: lid, phone_number: pn, type: 'superadmin' }),
          node('participant', { jid: pn, lid, type: 'admin' }),
        ]),
      ],
    ),
    'group subject': inGroup(node('subject', { subject: 'new', s_t: nowS })),
    'group description': inGroup(node('description', { id: 'd' }, [node('body', {}, Buffer.from('about'))])),
    'group ephemeral': inGroup(node('ephemeral', { expiration: '86400' })),
    'group not ephemeral': inGroup(node('not_ephemeral')),
    'group request': inGroup(node('created_membership_requests', { request_method: 'invite_link' }, [participant])),
    devices: notification('devices', lid, [
      node('add', { device_hash: '2:x' }, [node('device', { jid: `${scene.alice.lid}:3@lid` })]),
    ]),
    'devices by number': node('notification', { id: 'N1', from: pn, lid, type: 'devices', t: nowS }, [
      node('remove', { device_hash: '2:x', device_lid_hash: '2:y' }, [
        node('device', { jid: pn.replace('@', ':3@'), lid: `${scene.alice.lid}:3@lid`, 'key-index': '3' }),
        node('key-index-list', { ts: nowS }, bytes(40)),
      ]),
    ]),
    'own devices': notification('account_sync', own, [
      node('devices', { dhash: '2:x' }, [node('device', { jid: own })]),
    ]),
    'key count': notification('encrypt', SERVER, [node('count', { value: '500' })]),
    'identity change': notification('encrypt', lid, [node('identity')]),
    'identity change that waited': node(
      'notification',
      { id: 'N1', from: lid, type: 'encrypt', t: nowS, offline: '0' },
      [node('identity')],
    ),
    'account sync': notification('account_sync', own, [node('disappearing_mode', { duration: '0', t: nowS })]),
    'block list': notification('account_sync', own, [
      node('blocklist', {}, [node('item', { jid: lid, action: 'block' })]),
    ]),
    'app state': notification('server_sync', SERVER, [node('collection', { name: 'regular', version: '2' })]),
    picture: notification('picture', lid, [set]),
    'picture of a group': notification('picture', group, [set]),
    about: notification('status', lid, [node('set', {}, Buffer.from('hi'))]),
    'media retry': notification('mediaretry', own, [
      node('encrypt', {}, [node('enc_p', {}, bytes(32)), node('enc_iv', {}, bytes(12))]),
      node('rmr', { jid: lid, from_me: 'false' }),
    ]),
    'privacy token': notification('privacy_token', lid, [
      node('tokens', {}, [node('token', { jid: lid, t: nowS, type: 'trusted_contact' }, bytes(16))]),
    ]),
    newsletter: notification('newsletter', '120363000000000001@newsletter', [
      node('reaction', { message_id: '7' }, [node('reaction', { code: '+' })]),
    ]),
    'time lock': mex('NotificationUserReachoutTimelockUpdate', {
      xwa2_notify_account_reachout_timelock: { is_active: false, time_enforcement_ends: '0' },
    }),
    'message cap': mex('MessageCappingInfoNotification', { xwa2_notify_new_chat_messages_capping_info_update: {} }),
    'linked profiles': mex('NotificationLinkedProfilesUpdates', {
      xwa2_notify_linked_profiles: { jid: lid, added_profiles: [pn] },
    }),
    'pairing code': notification('link_code_companion_reg', SERVER, [
      node('link_code_companion_reg', { stage: 'primary_hello' }, [
        node('link_code_pairing_ref', {}, bytes(20)),
        node('primary_identity_pub', {}, bytes(32)),
        node('link_code_pairing_wrapped_primary_ephemeral_pub', {}, bytes(80)),
      ]),
    ]),
    ...passkeyKinds(),
    'no such notification': notification('no_such_type', SERVER, [node('item', { id: '1' })]),
  }
}

/** What the server says of the line itself, and asks. None of it ends the line. */
export function lineKinds(scene: StanzaScene): StanzaKinds {
  const { lid } = addressesOf(scene)
  return {
    preview: node('ib', {}, [node('offline_preview', { count: '0', message: '0', receipt: '0' })]),
    offline: node('ib', {}, [node('offline', { count: '0' })]),
    routing: node('ib', {}, [node('edge_routing', {}, [node('routing_info', {}, bytes(6))])]),
    dirty: node('ib', {}, [node('dirty', { type: 'account_sync', timestamp: nowS })]),
    'dirty groups': node('ib', {}, [node('dirty', { type: 'groups', timestamp: nowS })]),
    'dirty communities': node('ib', {}, [node('dirty', { type: 'communities', timestamp: nowS })]),
    expiration: node('ib', {}, [node('client_expiration', { t: '1900000000' })]),
    'thread metadata': node('ib', {}, [node('thread_metadata', {}, [node('item', { jid: lid })])]),
    'second success': node('success', { t: nowS, lid, location: 'sim' }),
    'stream start': node('xmlstreamstart', { t: nowS }),
    error: node('error', { code: '500', id: 'E1', from: SERVER }),
    'server ping': node('iq', { id: 'Q1', from: SERVER, type: 'get', xmlns: 'urn:xmpp:ping' }),
    'server order': node('iq', { id: 'Q1', from: SERVER, type: 'set', xmlns: 'md' }, [node('no-such-order')]),
    'answer to nobody': node('iq', { id: 'Q1', from: SERVER, type: 'result' }, [node('list')]),
    'refusal to nobody': node('iq', { id: 'Q1', from: SERVER, type: 'error' }, [
      node('error', { code: '500', text: 'x' }),
    ]),
    'no such tag': node('no-such-tag', { id: 'X1', from: SERVER, type: 'x', t: nowS }, [node('item')]),
  }
}

/**
 * Each group with what may be said in answer to it besides acks and receipts. A malformed stanza may still be a good one of its
 * kind: a message without ciphertext is asked of the phone, a retry receipt makes us fetch keys and see who is in the group, a refusal makes us look up whether
 * the account is locked and ask for a token. `presence`: Baileys writes an empty one whenever the login's record changes.
 */
export const STANZA_KINDS: Readonly<
  Record<string, { kindsOf: (scene: StanzaScene) => StanzaKinds; answers: string[] }>
> = {
  messages: { kindsOf: messageKinds, answers: ['presence', 'message', 'iq get usync', 'iq get encrypt'] },
  answers: {
    kindsOf: answerKinds,
    answers: ['message', 'iq get encrypt', 'iq get usync', 'iq get w:g2', 'iq get w:mex', 'iq set privacy'],
  },
  notifications: {
    kindsOf: notificationKinds,
    answers: ['presence', 'iq set encrypt', 'iq get usync', 'iq get encrypt', 'iq set w:sync:app:state'],
  },
  'words about the line': {
    kindsOf: lineKinds,
    answers: ['presence', 'ib', 'iq result none', 'iq set urn:xmpp:whatsapp:dirty'],
  },
}
