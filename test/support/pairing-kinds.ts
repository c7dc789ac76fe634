import type { BinaryNode } from '@whiskeysockets/baileys'

import { bytes, json, node, nowS, SERVER, type StanzaKinds } from './stanza-parts.ts'

/** What the server says of a passkey. */
export function passkeyKinds(): StanzaKinds {
  const notification = (type: string, content: BinaryNode[]) =>
    node('notification', { id: 'N1', from: SERVER, type, t: nowS }, content)
  const options = {
    challenge: bytes(32).toString('base64url'),
    timeout: 600_000,
    rpId: 'whatsapp.com',
    allowCredentials: [],
    userVerification: 'required',
    extensions: { uvm: true },
  }
  const part = Buffer.concat([Buffer.from([0x0a, 32]), bytes(32), Buffer.from([0x12, 32]), bytes(32)])
  return {
    'passkey request': notification('passkey_prologue_request', [node('passkey_request_options', {}, json(options))]),
    'passkey request without options': notification('passkey_prologue_request', []),
    'passkey continuation': notification('crsc_continuation', [node('primary_ephemeral_identity', {}, part)]),
  }
}

/** The last words of a server. Each of them may end the line. */
export function closingKinds(): StanzaKinds {
  const words = {
    logout_message_header: 'Logged out',
    logout_message_subtext: 'See the phone.',
    message: 'no',
    url: 'https://faq.whatsapp.com/1',
  }
  return {
    failure: node('failure', { reason: '503', location: 'sim' }),
    'failure with words': node('failure', { reason: '403', ...words }),
    'failure for a time': node('failure', { reason: '402', expire: '60', code: '7' }),
    'stream error': node('stream:error', { code: '503' }),
    'stream error with words': node('stream:error', { code: '500', ...words }, [node('reason', {}, Buffer.from('x'))]),
    restart: node('stream:error', { code: '515' }),
    conflict: node('stream:error', {}, [node('conflict', { type: 'replaced' })]),
    'conflict of a device': node('stream:error', { code: '401' }, [node('conflict', { type: 'device_removed' })]),
    'stream error over an ack': node('stream:error', {}, [node('ack', { class: 'message', id: 'K1' })]),
    'stream end': node('xmlstreamend'),
    downgrade: node('ib', {}, [node('downgrade_webclient')]),
  }
}

/** What a server says to a device that is linked to nobody. */
export function pairingKinds(): StanzaKinds {
  const regOf = (stage: string, parts: Readonly<Record<string, number>>) =>
    node(
      'link_code_companion_reg',
      { stage },
      Object.entries(parts).map(([tag, length]) => node(tag, {}, bytes(length))),
    )
  return {
    ...passkeyKinds(),
    ...closingKinds(),
    'answer to a code': node('iq', { id: 'P1', from: SERVER, type: 'result' }, [
      regOf('companion_hello', { link_code_pairing_ref: 32 }),
    ]),
    'refused code': node('iq', { id: 'P1', from: SERVER, type: 'error' }, [node('error', { code: '429', text: 'x' })]),
    'entered code': node('notification', { id: 'N1', from: SERVER, type: 'link_code_companion_reg', t: nowS }, [
      regOf('primary_hello', {
        link_code_pairing_wrapped_primary_ephemeral_pub: 80,
        primary_identity_pub: 32,
        link_code_pairing_ref: 32,
      }),
    ]),
    'offer to pair': node('iq', { id: 'P1', from: SERVER, type: 'set', xmlns: 'md' }, [
      node('pair-device', {}, [node('ref', {}, Buffer.from('2@x')), node('ref', {}, Buffer.from('2@y'))]),
    ]),
    'pairing that is done': node('iq', { id: 'P1', from: SERVER, type: 'set', xmlns: 'md', t: nowS }, [
      node('pair-success', {}, [
        node('device-identity', {}, bytes(120)),
        node('device', { jid: '4915:3@s.whatsapp.net', lid: '77:3@lid' }),
        node('platform', { name: 'android' }),
      ]),
    ]),
  }
}
