import { getBinaryNodeChild, getBinaryNodeChildren, type BinaryNode } from '@whiskeysockets/baileys'

import { userOf } from './device-cache.ts'

/** The device number that a device hosted by WhatsApp itself has in every account. */
const HOSTED = '99'
const YES = new Set(['true', '1'])

/** The users in an answer about devices. */
export function usersIn(answer: BinaryNode): string[] {
  return getBinaryNodeChildren(listIn(answer), 'user').flatMap(({ attrs }) => userOf(attrs['jid']) || [])
}

/**
 * An answer about devices in which each device hosted by WhatsApp itself is listed as a user of its own, after the other devices of
 * its account. Baileys treats all devices that are listed after a hosted one as hosted, and WhatsApp has no keys for those.
 */
export function hostedApart(answer: BinaryNode): BinaryNode {
  const [usync, list] = [getBinaryNodeChild(answer, 'usync'), listIn(answer)]
  if (answer.tag !== 'iq' || !usync || !Array.isArray(list?.content)) return answer
  const content = list.content.flatMap(parted)
  const parts = Array.isArray(usync.content) ? usync.content : []
  return {
    ...answer,
    content: [{ ...usync, content: parts.map(part => (part === list ? { ...list, content } : part)) }],
  }
}

const listIn = (answer: BinaryNode): BinaryNode | undefined =>
  getBinaryNodeChild(getBinaryNodeChild(answer, 'usync'), 'list')

function parted(user: BinaryNode): BinaryNode[] {
  const listed = getBinaryNodeChild(getBinaryNodeChild(user, 'devices'), 'device-list')
  const hosted = getBinaryNodeChildren(listed, 'device').filter(isHosted)
  if (hosted.length === 0) return [user]
  const others = getBinaryNodeChildren(listed, 'device').filter(device => !isHosted(device))
  const alone = hosted.map(({ attrs }) => withDevices({ ...user, content: onlyDevices(user) }, [flagged(attrs)]))
  return [withDevices(user, others), ...alone]
}

const isHosted = ({ attrs }: BinaryNode): boolean => YES.has(attrs['is_hosted'] ?? '') || attrs['id'] === HOSTED

const flagged = (attrs: BinaryNode['attrs']): BinaryNode => ({ tag: 'device', attrs: { ...attrs, is_hosted: 'true' } })

const onlyDevices = (user: BinaryNode): BinaryNode[] => getBinaryNodeChildren(user, 'devices')

/** The user with these devices instead of the listed ones. */
function withDevices(user: BinaryNode, devices: BinaryNode[]): BinaryNode {
  const replaced = (node: BinaryNode): BinaryNode => {
    if (node.tag === 'device-list') return { ...node, content: devices }
    return node.tag === 'devices' && Array.isArray(node.content)
      ? { ...node, content: node.content.map(replaced) }
      : node
  }
  return { ...user, content: (Array.isArray(user.content) ? user.content : []).map(replaced) }
}
