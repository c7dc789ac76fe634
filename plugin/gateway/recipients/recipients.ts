import { isJidGroup, isLidUser, jidDecode, type WASocket } from '@whiskeysockets/baileys'

/** The parts of a socket that are needed to know who could read a message. */
export type DeviceSource = Pick<
  WASocket,
  'user' | 'getUSyncDevices' | 'userDevicesCache' | 'assertSessions' | 'groupMetadata' | 'signalRepository'
>

/** The error that Baileys throws, before it writes any frame, when it can encrypt for no device at all. */
const UNENCRYPTABLE = 'All encryptions failed'

/**
 * Writes a message unless none of its recipient's devices could read it: Baileys leaves out devices for which it cannot encrypt,
 * and WhatsApp acknowledges a message for nobody. Before giving up, it asks for the devices once more. Returns false if there is no
 * device and nothing was written. In a group, a member without a device holds up nobody else.
 */
export async function reach(source: DeviceSource, jid: string, write: () => Promise<unknown>): Promise<boolean> {
  if (!isJidGroup(jid) && !(await hasDevice(source, jid))) return false
  if (await isEncrypted(write)) return true
  if (!(await leaveOut(source, jid))) return false
  return isEncrypted(write)
}

async function isEncrypted(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write()
    return true
  } catch (error) {
    if (error instanceof Error && error.message === UNENCRYPTABLE) return false
    throw error
  }
}

const userOf = (jid: string): string => jidDecode(jid)?.user ?? ''

/**
 * The people whose devices Baileys asks for, with us in the recipient's addressing mode: Baileys then finds the answers in its
 * cache.
 */
function askedAbout({ user }: DeviceSource, jid: string): string[] {
  const own = isLidUser(jid) && user?.lid ? user.lid : user?.id
  const { user: digits, server } = jidDecode(own) ?? {}
  return digits === undefined || server === undefined ? [jid] : [`${digits}@${server}`, jid]
}

async function hasDevice(source: DeviceSource, jid: string): Promise<boolean> {
  const belongsTo = ({ user }: { user: string }): boolean => user === userOf(jid)
  if ((await source.getUSyncDevices(askedAbout(source, jid), true, false)).some(belongsTo)) return true
  return (await source.getUSyncDevices([jid], false, false)).some(belongsTo)
}

/**
 * Asks for all devices again, and leaves out those for which there are no keys. Returns whether the recipient has a device left.
 */
async function leaveOut(source: DeviceSource, jid: string): Promise<boolean> {
  const isGroup = isJidGroup(jid) === true
  const asked = isGroup ? (await source.groupMetadata(jid)).participants.map(({ id }) => id) : askedAbout(source, jid)
  const devices = await source.getUSyncDevices(asked, false, false)
  await source.assertSessions(devices.map(device => device.jid))
  const left = new Map(asked.map(each => [userOf(each), [] as typeof devices]))
  for (const device of devices) {
    const { exists } = await source.signalRepository.validateSession(device.jid)
    if (exists) left.get(device.user)?.push(device)
  }
  // They are tried again once the cache drops them.
  for (const [user, those] of left) await source.userDevicesCache.set(user, those)
  return isGroup || (left.get(userOf(jid)) ?? []).length > 0
}
