import { binaryNodeToString, type BinaryNode } from '@whiskeysockets/baileys'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'

import { outlineOf } from '../../../../plugin/gateway/stanzas/stanza-outline.ts'
import { writtenStanza } from '../../../../plugin/gateway/stanzas/stanza-text.ts'

const word = fc.stringMatching(/^[a-z][a-z_-]{0,11}$/)
const attrs = fc.dictionary(
  word,
  fc.oneof(
    word,
    fc.string({ maxLength: 20 }).map(text => text.replaceAll(/[\r\n]/g, ' ')),
  ),
)
const { node } = fc.letrec<{ node: BinaryNode }>(tie => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ tag: word, attrs }),
    fc.record({ tag: word, attrs, content: fc.uint8Array({ minLength: 1, maxLength: 40 }) }),
    fc.record({ tag: word, attrs, content: fc.array(tie('node'), { minLength: 1, maxLength: 4 }) }),
  ),
}))
const shape = ({ tag, content }: BinaryNode): unknown => [
  tag,
  Array.isArray(content) ? content.map(shape) : (content?.length ?? 0),
]

it('reads back the shape of every stanza that Baileys logs', () => {
  fc.assert(
    fc.property(node, stanza => {
      const read = writtenStanza(String(binaryNodeToString(stanza)))
      expect(read && shape(read)).toEqual(shape(stanza))
    }),
  )
})

it('shows no value but short words of the attributes that are listed', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (tag, name, value) => {
      const text = JSON.stringify(outlineOf({ tag, attrs: { [name]: value, type: value }, content: value }))
      for (const said of [tag, name, value]) {
        const isWord = /^[A-Za-z0-9_:.-]{1,32}$/.test(said) && said.replaceAll(/\D/g, '').length <= 5
        if (!isWord && said.length > 5) expect(text).not.toContain(JSON.stringify(said).slice(1, -1))
      }
    }),
  )
})
