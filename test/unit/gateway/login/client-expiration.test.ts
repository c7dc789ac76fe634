import { EventEmitter } from 'node:events'
import type { BinaryNode } from '@whiskeysockets/baileys'
import fc from 'fast-check'
import { expect, it } from 'vitest'

import { expirationIn, hearExpiration } from '../../../../plugin/gateway/login/client-expiration.ts'

const said = (attrs: Record<string, string>): BinaryNode => ({
  tag: 'ib',
  attrs: {},
  content: [{ tag: 'client_expiration', attrs }],
})

it('reads until when the client is taken, and that this was taken back', () => {
  expect(expirationIn(said({ t: '1800000000' }))).toBe(1_800_000_000_000)
  expect(expirationIn(said({}))).toBeNull()
})

it('takes what cannot be read for nothing that was said, whatever it is', () => {
  for (const t of ['', '0', '-1', '1.5', 'soon', '1e9', ' 1800000000', '253402300800', '9'.repeat(400)])
    expect(expirationIn(said({ t })), t).toBeUndefined()
  fc.assert(
    fc.property(fc.string(), t => {
      const at = expirationIn(said({ t }))
      expect(at === undefined || new Date(at ?? Number.NaN).toISOString() !== '').toBe(true)
    }),
  )
  fc.assert(
    fc.property(fc.anything(), content => {
      if (Array.isArray(content)) return
      expect(expirationIn({ tag: 'ib', attrs: {}, content } as unknown as BinaryNode)).toBeUndefined()
    }),
  )
})

it('is heard behind something else as well, and is not taken for another thing', () => {
  const ws = new EventEmitter()
  const heard: (number | null)[] = []
  hearExpiration({ ws } as never, at => heard.push(at))
  const tell = (children: BinaryNode[]): void => {
    const stanza: BinaryNode = { tag: 'ib', attrs: { from: 's.whatsapp.net' }, content: children }
    // As Baileys names it: by its first child, and by its tag.
    ws.emit(`CB:ib,,${children[0]?.tag ?? ''}`, stanza)
    ws.emit('CB:ib', stanza)
  }
  const end: BinaryNode = { tag: 'client_expiration', attrs: { t: '1800000000' } }
  tell([{ tag: 'offline', attrs: { count: '0' } }])
  tell([{ tag: 'dirty', attrs: { type: 'groups', timestamp: '1' } }, end])
  tell([end])
  expect(heard).toEqual([1_800_000_000_000, 1_800_000_000_000])
})
