import type { BinaryNode } from '@whiskeysockets/baileys'

export type Stanza = BinaryNode

type Attributes = Record<string, string | undefined>

export const serverAddress = '@s.whatsapp.net'

/** Builds a stanza. Omits undefined attributes, because the codec counts them but does not write them. */
export function stanza(tag: string, attributes: Attributes = {}, content?: Stanza[] | Uint8Array | string): Stanza {
  const attrs: Record<string, string> = {}
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) attrs[name] = value
  return content === undefined ? { tag, attrs } : { tag, attrs, content }
}

export function attribute(node: Stanza, name: string): string | undefined {
  return node.attrs[name]
}

export function children(node: Stanza | undefined, tag?: string): Stanza[] {
  const all = Array.isArray(node?.content) ? node.content : []
  return tag === undefined ? all : all.filter(child => child.tag === tag)
}

export function child(node: Stanza | undefined, tag?: string): Stanza | undefined {
  return children(node, tag)[0]
}

export function bytes(node: Stanza | undefined): Buffer | undefined {
  if (typeof node?.content === 'string') return Buffer.from(node.content)
  return node?.content instanceof Uint8Array ? Buffer.from(node.content) : undefined
}

/** How many bytes a stanza and those inside it carry. */
export function contentBytes({ content }: Stanza): number {
  if (Array.isArray(content)) return content.reduce((sum, inner) => sum + contentBytes(inner), 0)
  return typeof content === 'string' ? Buffer.byteLength(content) : (content?.byteLength ?? 0)
}

export function text(node: Stanza | undefined): string | undefined {
  return bytes(node)?.toString('utf8')
}

export function bigEndian(value: number, sizeBytes: number): Buffer {
  const written = Buffer.alloc(sizeBytes)
  written.writeUIntBE(value, 0, sizeBytes)
  return written
}

export function readBigEndian(written: Uint8Array | undefined): number | undefined {
  return written && written.length > 0 && written.length <= 6
    ? Buffer.from(written).readUIntBE(0, written.length)
    : undefined
}

export function secondsNow(): string {
  return String(Math.floor(Date.now() / 1000))
}

/** The structure of a stanza without anything that a person wrote or that identifies one. */
export function outline(node: Stanza): string {
  const marks = ['type', 'xmlns', 'class', 'error'].flatMap(name => {
    const value = attribute(node, name)
    return value === undefined ? [] : [` ${name}=${value}`]
  })
  return `<${node.tag}${marks.join('')}>${children(node).map(outline).join('')}`
}
