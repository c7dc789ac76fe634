import type { BinaryNode } from '@whiskeysockets/baileys'

/** `<tag name='value' …>` or `<tag …/>`, on a line of its own. */
const OPENING = /^<([^\s>/]+)(.*?)(\/?)>$/
const ATTRIBUTE = /([^\s=']+)='(.*?)'(?=\s+[^\s=']+='|\s*$)/g
const HEX = /^(?:[0-9a-f]{2})+$/

type Open = { tag: string; attrs: Record<string, string>; content: BinaryNode[]; bytes: number }

/**
 * Parses a stanza that Baileys writes from Baileys' log (`binaryNodeToString` of 7.0.0-rc14: a line for each opening, closing and
 * content, bytes in hex). The log is the one place where Baileys shows everything that it writes. Of content only the length is
 * restored. A value with line breaks makes more lines: a line that is no opening counts as content.
 */
export function writtenStanza(xml: string): BinaryNode | null {
  const root: Open = { tag: '', attrs: {}, content: [], bytes: 0 }
  const open = [root]
  for (const line of xml.split('\n').map(each => each.trim())) {
    const current = open.at(-1) ?? root
    const opening = OPENING.exec(line)
    if (line.startsWith('</')) {
      const closed = open.length > 1 ? open.pop() : undefined
      if (closed) open.at(-1)?.content.push(nodeOf(closed))
    } else if (opening) {
      const [, tag = '', written = '', isEmpty] = opening
      const attrs = Object.fromEntries(
        [...written.matchAll(ATTRIBUTE)].map(([, name = '', value = '']) => [name, value]),
      )
      const node: Open = { tag, attrs, content: [], bytes: 0 }
      if (isEmpty) current.content.push(nodeOf(node))
      else open.push(node)
    } else if (line !== '') {
      current.bytes += HEX.test(line) ? line.length / 2 : line.length
    }
  }
  return root.content[0] ?? null
}

function nodeOf({ tag, attrs, content, bytes }: Open): BinaryNode {
  if (content.length > 0) return { tag, attrs, content }
  return bytes > 0 ? { tag, attrs, content: Buffer.alloc(bytes) } : { tag, attrs }
}
