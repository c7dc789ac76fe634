import { getBinaryNodeChild, getBinaryNodeChildren, type BinaryNode } from '@whiskeysockets/baileys'

/** The keys that WhatsApp hands out for the devices that a message is meant for. */
export type KeyBundles = {
  /** An answer with keys, without the devices whose keys Baileys cannot read: because of one of them, it would give up on all. */
  readonly readable: (answer: BinaryNode) => BinaryNode
  /** Whether such an answer contained the keys to which this signature belongs. */
  readonly brought: (signature: Uint8Array) => boolean
}

const [KEY_BYTES, SIGNATURE_BYTES] = [32, 64]

export function createKeyBundles(): KeyBundles {
  // Baileys passes the answer's own bytes on to the repository.
  const signatures = new WeakSet<Uint8Array>()
  const isReadable = (user: BinaryNode): boolean => {
    const signed = getBinaryNodeChild(user, 'skey')
    const once = getBinaryNodeChild(user, 'key')
    const signature = bytesOf(signed, 'signature')
    if (getBinaryNodeChild(user, 'error') || signature?.length !== SIGNATURE_BYTES) return false
    signatures.add(signature)
    const isWhole = bytesOf(user, 'registration')?.length === 4 && bytesOf(user, 'identity')?.length === KEY_BYTES
    return isWhole && isKey(signed) && (once === undefined || isKey(once))
  }
  return {
    readable: answer => {
      const list = getBinaryNodeChild(answer, 'list')
      if (answer.tag !== 'iq' || !list || getBinaryNodeChildren(list, 'user').length === 0) return answer
      const content = getBinaryNodeChildren(list, 'user').filter(isReadable)
      return { ...answer, content: [{ ...list, content }] }
    },
    brought: signature => signatures.has(signature),
  }
}

function bytesOf(node: BinaryNode | undefined, tag: string): Uint8Array | undefined {
  const content = getBinaryNodeChild(node, tag)?.content
  return content instanceof Uint8Array ? content : undefined
}

const isKey = (node: BinaryNode | undefined): boolean =>
  bytesOf(node, 'id')?.length === 3 && bytesOf(node, 'value')?.length === KEY_BYTES
