import { isLidUser, jidDecode, type SignalRepositoryWithLIDStore } from '@whiskeysockets/baileys'

import type { Arrivals } from './stanza-ingest.ts'
import type { GroupKeys } from '../recipients/group-keys.ts'
import type { KeyBundles } from '../signal/pre-key-bundles.ts'
import type { RatchetKeys } from '../signal/key-transactions.ts'
import { withoutVainSteps, type SessionRecord } from '../signal/session-record.ts'
import type { SessionRenewal } from '../signal/session-renewal.ts'
import { inOrder } from '../signal/signal-order.ts'

/** What storing the repository's steps needs. */
export type DurableParts = {
  readonly keys: RatchetKeys
  readonly arrivals: Arrivals
  /** Resolves when everything that was committed is on the disk. */
  readonly durable: () => Promise<void>
  readonly bundles: KeyBundles
  readonly renewal: SessionRenewal
  /** A message is sent without one of the devices that it is meant for. */
  readonly leftOut: () => void
  readonly groupKeys: Pick<GroupKeys, 'check' | 'handing'>
}

/**
 * Waits for the disk after each step. It also waits after a failed step, because a failure is answered too: with a retry receipt,
 * or with a refusal after which WhatsApp forgets the message. The wait is outside of the order, so that the next step of the same
 * person shares the same flush.
 */
const waiter =
  (durable: DurableParts['durable']) =>
  async <Result>(step: Promise<Result>): Promise<Result> => {
    try {
      return await step
    } finally {
      await durable()
    }
  }

async function canonical({ lidMapping }: SignalRepositoryWithLIDStore, jid: string): Promise<string> {
  if (isLidUser(jid)) return jid
  return (await lidMapping.getLIDForPN(jid).catch(() => null)) ?? jid
}

async function telling<Result>(failed: () => void, step: Promise<Result>): Promise<Result> {
  try {
    return await step
  } catch (error) {
    failed()
    throw error
  }
}

type InjectParts = Pick<DurableParts, 'keys' | 'bundles' | 'renewal'>

/** A device for which WhatsApp hands out forged keys gets nothing; all other devices still get the message. */
const injectWhereNeeded =
  (stock: SignalRepositoryWithLIDStore, { keys, bundles, renewal }: InjectParts) =>
  async (asked: Parameters<SignalRepositoryWithLIDStore['injectE2ESession']>[0]): Promise<void> => {
    if (await renewal.isNeedless(stock, keys, asked)) return
    await stock.injectE2ESession(asked).catch((error: unknown) => {
      if (!bundles.brought(asked.session.signedPreKey.signature)) throw error
    })
  }

type Decryption = Parameters<SignalRepositoryWithLIDStore['decryptMessage']>[0]

/** Decrypts a message and changes no session but the one to which the message belongs. */
async function decryptAlone(
  stock: SignalRepositoryWithLIDStore,
  keys: RatchetKeys,
  asked: Decryption,
): Promise<Uint8Array> {
  const address = stock.jidToSignalProtocolAddress(asked.jid)
  const recordOf = async () => (await keys.get('session', [address]))[address] as SessionRecord | undefined
  const before = await recordOf()
  const plaintext = await stock.decryptMessage(asked)
  const after = await recordOf()
  // A message that begins a session is not tried with other sessions.
  if (asked.type === 'msg' && before && after) {
    const alone = withoutVainSteps(before, after)
    if (alone !== after) await keys.set({ session: { [address]: alone as never } })
  }
  return plaintext
}

type Lasting = ReturnType<typeof waiter>
type GroupSteps =
  | 'decryptGroupMessage'
  | 'encryptGroupMessage'
  | 'getSenderKeyDistributionMessage'
  | 'processSenderKeyDistributionMessage'

/** The steps of groups. A message is encrypted only while no former member has our sender key. */
function groupSteps(
  stock: SignalRepositoryWithLIDStore,
  { keys, arrivals, groupKeys }: Pick<DurableParts, 'keys' | 'arrivals' | 'groupKeys'>,
  lasting: Lasting,
): Pick<SignalRepositoryWithLIDStore, GroupSteps> {
  const inGroup = <Result>(group: string, work: () => Promise<Result>, along?: () => void): Promise<Result> =>
    lasting(inOrder(group, () => keys.commit(work, along)))
  return {
    decryptGroupMessage: asked =>
      lasting(inOrder(asked.group, () => arrivals.decrypted(asked.msg, () => stock.decryptGroupMessage(asked)))),
    encryptGroupMessage: asked => {
      const encrypt = async () => {
        groupKeys.check(asked.group)
        return stock.encryptGroupMessage(asked)
      }
      return inGroup(asked.group, encrypt, () => groupKeys.handing(asked.group))
    },
    getSenderKeyDistributionMessage: asked => inGroup(asked.group, () => stock.getSenderKeyDistributionMessage(asked)),
    processSenderKeyDistributionMessage: asked =>
      inGroup(asked.item.groupId ?? '', () => stock.processSenderKeyDistributionMessage(asked)),
  }
}

/**
 * Baileys' own repository, with every step durable before its result is returned: a plaintext together with the ratchet that
 * produced it, a ratchet step before the ciphertext that it produced. One step per person or group runs at a time, whichever of
 * their addresses is used, so that sending and receiving never overwrite each other.
 */
export function durableRepository(
  stock: SignalRepositoryWithLIDStore,
  { keys, arrivals, durable, leftOut, groupKeys, ...parts }: DurableParts,
): SignalRepositoryWithLIDStore {
  const lasting = waiter(durable)
  const withPerson = async <Result>(jid: string, step: (jid: string) => Promise<Result>): Promise<Result> => {
    const at = await canonical(stock, jid)
    return lasting(inOrder(jidDecode(at)?.user ?? at, () => step(at)))
  }
  const inject = injectWhereNeeded(stock, { keys, ...parts })
  const changes: Pick<
    SignalRepositoryWithLIDStore,
    'decryptMessage' | 'encryptMessage' | 'injectE2ESession' | 'migrateSession' | 'deleteSession'
  > = {
    decryptMessage: asked =>
      withPerson(asked.jid, jid =>
        arrivals.decrypted(asked.ciphertext, () => decryptAlone(stock, keys, { ...asked, jid })),
      ),
    encryptMessage: asked =>
      telling(
        leftOut,
        withPerson(asked.jid, jid => keys.commit(() => stock.encryptMessage({ ...asked, jid }))),
      ),
    injectE2ESession: asked => withPerson(asked.jid, jid => keys.commit(() => inject({ ...asked, jid }))),
    migrateSession: (from, to) => withPerson(to, at => keys.commit(() => stock.migrateSession(from, at))),
    deleteSession: jids => lasting(keys.commit(() => stock.deleteSession(jids))),
  }
  return { ...stock, ...changes, ...groupSteps(stock, { keys, arrivals, groupKeys }, lasting) }
}
