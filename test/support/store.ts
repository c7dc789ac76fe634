import { join } from 'node:path'

import {
  type AccountKey,
  type Chat,
  DEFAULT_ACCOUNT,
  lidFromDigits,
  parseGroupId,
  parseOrgId,
  parsePhone,
  type Person,
} from '../../plugin/contract/ids.ts'
import type { InboundMessage } from '../../plugin/contract/message.ts'
import { claimNumber, configureAccount, confirmNumber } from '../../plugin/store/accounts/accounts.ts'
import { openStore, type Store } from '../../plugin/store/database.ts'
import { given } from './given.ts'
import { temporaryFolder } from './temporary-folder.ts'

export { given } from './given.ts'

export const ORG = given(parseOrgId('org_test'))
export const ACCOUNT: AccountKey = { org: ORG, account: DEFAULT_ACCOUNT }

/** A person by the addresses named: digits of a LID, digits of a phone number. */
export function person(lid: string | null, phone: string | null): Person {
  return { lid: lid === null ? null : lidFromDigits(lid), phone: phone === null ? null : parsePhone(`+${phone}`) }
}

export const OUR_NUMBER = given(parsePhone('+972500000001'))
export const US: Person = { lid: null, phone: OUR_NUMBER }
export const ALICE = person('111111111111111', '972500000002')
export const BOB = person('222222222222222', '972500000003')
export const GROUP: Chat = { kind: 'group', group: given(parseGroupId('120363000000000001@g.us')) }

/** The person as one of their addresses shows them. */
export const byPhone = ({ phone }: Person): Person => ({ phone, lid: null })
export const byLid = ({ lid }: Person): Person => ({ phone: null, lid })
export const direct = (peer: Person): Chat => ({ kind: 'direct', peer })

let stanzas = 0

/** A text that a person wrote to us, directly unless a chat is named. */
export function textFrom(sender: Person, text: string, more: Partial<InboundMessage> = {}): InboundMessage {
  stanzas += 1
  return {
    stanzaId: `STANZA${stanzas}`,
    chat: direct(sender),
    sender,
    receiver: US,
    fromMe: false,
    senderName: null,
    content: { kind: 'text', text },
    mentioned: false,
    file: null,
    quoted: null,
    edits: null,
    sentAt: 1_700_000_000_000,
    receivedAt: 1_700_000_000_500,
    ...more,
  }
}

export type OpenedStore = AsyncDisposable & {
  readonly store: Store
  readonly file: string
  /** The same file, opened anew as after a restart of the process. */
  reopened(): Promise<OpenedStore>
}

async function opened(file: string, clean: () => PromiseLike<void>): Promise<OpenedStore> {
  const store = await openStore(file)
  let handedOver = false
  return {
    store,
    file,
    reopened: async () => {
      handedOver = true
      await store.close()
      return opened(file, clean)
    },
    [Symbol.asyncDispose]: async () => {
      if (handedOver) return
      await store.close()
      await clean()
    },
  }
}

/** A real store in a folder of its own, with nothing in it. */
export async function emptyStore(): Promise<OpenedStore> {
  const folder = await temporaryFolder()
  return opened(join(folder.path, 'whatsapp.db'), () => folder[Symbol.asyncDispose]())
}

/** A real store with one account that is configured, linked as our number and shown so. */
export async function linkedStore(): Promise<OpenedStore> {
  const made = await emptyStore()
  const { connection } = made.store
  await configureAccount(connection, ACCOUNT, { displayName: null })
  await claimNumber(connection, ACCOUNT, OUR_NUMBER)
  await confirmNumber(connection, ACCOUNT, OUR_NUMBER)
  return made
}
