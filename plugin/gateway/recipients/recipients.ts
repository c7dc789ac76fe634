import { isJidGroup, isLidUser, jidDecode, type WASocket } from '@whiskeysockets/baileys'

/** What of a socket is needed to know who could read a message. */
export type DeviceSource = Pick<
  WASocket,
  'user' | 'getUSyncDevices' | 'userDevicesCache' | 'assertSessions' | 'groupMetadata' | 'signalRepository'
>

/** What Baileys throws, before any frame, when what it encrypts together could be encrypted for no device at all. */
const UNENCRYPTABLE = 'All encryptions failed'

/**
 * Has a message written unless none of its recipient's devices could read it: Baileys leaves out devices that it cannot
 * encrypt for, and WhatsApp acknowledges what is for nobody. Devices are asked for once more before that is said. False: there
 * is none, and nothing was written. In a group, a member who has none holds up nobody else.
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

/** Those whose devices Baileys asks for, with ours at the address that goes with the recipient's: it finds the answers in its cache. */
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

/** Asks for all devices again, and leaves those out that there are no keys for; whether the recipient has one left. */
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
  // Until the cache forgets them: then they are tried again.
  for (const [user, those] of left) await source.userDevicesCache.set(user, those)
  return isGroup || (left.get(userOf(jid)) ?? []).length > 0
}
