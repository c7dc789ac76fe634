import { DEFAULT_CONNECTION_CONFIG, decryptMessageNode, type AuthenticationCreds } from '@whiskeysockets/baileys'

import type { Log } from '../../contract/host.ts'
import type { Person } from '../../contract/ids.ts'
import type { AccountFile } from '../state/account-file.ts'
import { createArrivals } from './stanza-ingest.ts'
import { createBaileysLog } from '../connection/baileys-log.ts'
import type { Durability } from '../connection/socket-config.ts'
import type { DeviceCache } from '../recipients/device-cache.ts'
import { durableRepository } from './durable-repository.ts'
import type { Reading } from '../messages/from-whatsapp.ts'
import type { StorageGuard } from '../storage-guard.ts'
import type { GroupCache } from '../recipients/group-cache.ts'
import type { GroupKeys } from '../recipients/group-keys.ts'
import { createKeyBundles } from '../signal/pre-key-bundles.ts'
import { createKnowledge, type Knowledge } from '../recipients/knowledge.ts'
import { publishKept } from '../signal/pre-key-retention.ts'
import { createRatchetKeys, type RatchetKeys } from '../signal/key-transactions.ts'
import { closeSessions } from '../signal/session-closing.ts'
import { createSessionRenewal } from '../signal/session-renewal.ts'

/** What making an account's messages durable needs. */
export type DurabilityPorts = Pick<
  AccountFile,
  | 'journal'
  | 'log'
  | 'recoveries'
  | 'polls'
  | 'secrets'
  | 'unopened'
  | 'files'
  | 'addresses'
  | 'timers'
  | 'tokens'
  | 'keys'
  | 'atomically'
  | 'firmly'
  | 'durable'
  | 'grown'
> & {
  readonly storageGuard: StorageGuard
  readonly creds: () => AuthenticationCreds
  readonly self: () => Person
  readonly now: () => number
  /** A message is sent without one of the devices that it is meant for. */
  readonly leftOut: () => void
  readonly groups: GroupCache
  readonly groupKeys: GroupKeys
  readonly devices: DeviceCache
  /** A person asked for a message of a group that they are not in. */
  readonly refused: () => void
}

/** How a linked account stores what it receives and sends. */
export type AccountDurability = Durability & {
  readonly knowledge: Knowledge
  /** Completes what was stored but not completed when the process ended. Needs no connection. */
  readonly recover: (log: Log) => Promise<void>
}

export function createDurability(ports: DurabilityPorts): AccountDurability {
  const { tokens, storageGuard, durable, leftOut, groupKeys } = ports
  const bundles = createKeyBundles()
  const renewal = createSessionRenewal(bundles)
  const keys = createRatchetKeys(ports.keys, ports.atomically)
  const knowledge = knowledgeOf(ports, keys)
  const arrivals = createArrivals({
    ...ports,
    keys,
    isFileAtFault: storageGuard.hasFailed,
    reading: () => readingOf(ports),
  })
  type Parts = Parameters<Durability['repository']>
  const repositoryOf = (creds: Parts[0]['creds'], logger: Parts[1], askForLids?: Parts[2]) => {
    // A failed query would make Baileys refuse the message for which it was made.
    const ask: Parts[2] = pns => askForLids?.(pns).catch(() => undefined) ?? Promise.resolve(undefined)
    const stock = DEFAULT_CONNECTION_CONFIG.makeSignalRepository({ creds, keys }, logger, ask)
    return durableRepository(stock, { keys, arrivals, durable, bundles, renewal, leftOut, groupKeys })
  }
  return {
    arrived: stanza => [tokens.heard, arrivals.arrived].forEach(each => each(stanza)),
    knowledge,
    held: knowledge.held,
    noticed: stanza => [knowledge.told, arrivals.noticed].forEach(each => each(stanza)),
    answered: answer => bundles.readable(knowledge.answered(answer)),
    askedAgain: renewal.askedAgain,
    repository: ({ creds, keys: baileysKeys }, logger, askForLids) => {
      publishKept(baileysKeys, ports.keys)
      return repositoryOf(creds, logger, askForLids)
    },
    recover: async log => {
      const creds = ports.creds()
      const logger = createBaileysLog(log)
      const offline = repositoryOf(creds, logger)
      for (const stanza of arrivals.unfinished()) {
        const message = decryptMessageNode(stanza, creds.me?.id ?? '', creds.me?.lid ?? '', offline, logger)
        // What cannot be completed now was never acknowledged, so WhatsApp delivers it again.
        await message.decrypt().catch(() => undefined)
      }
      offline.close?.()
    },
  }
}

function readingOf({
  self,
  journal: { complete },
  polls: { choice },
  secrets: { open },
  now,
}: DurabilityPorts): Reading {
  return { self: self(), complete, choice, open, receivedAt: now() }
}

function knowledgeOf(ports: DurabilityPorts, keys: RatchetKeys): Knowledge {
  const { journal, creds, durable } = ports
  return createKnowledge({
    ...ports,
    complete: journal.complete,
    ownJid: by => (by === 'lid' ? creds().me?.lid : creds().me?.id),
    closeSessions: async person => closeSessions(keys, person).then(durable),
  })
}
