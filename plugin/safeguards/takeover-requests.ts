import { ChannelError } from '../contract/errors/errors.ts'
import type { Log } from '../contract/host.ts'
import type { AccountKey, OrgId } from '../contract/ids.ts'
import type { Takeover } from '../contract/takeover.ts'
import { chatNamed } from '../store/people/chats.ts'
import type { Store } from '../store/database.ts'
import type { TakenBack } from '../store/deletion/taken-back.ts'
import { listTakeovers } from '../store/messages/takeovers.ts'
import { handBack, takeOverFor } from './takeovers.ts'

/** What taking chats over from elsewhere than the phone needs. */
export type TakeoverRequestParts = {
  readonly store: Store
  readonly log: Log
  /** Called when turns and replies were cancelled and the store has recorded it. */
  readonly onTakenBack: (key: AccountKey, back: TakenBack) => void
}

/** The most chats of an org that operators may have taken over. All of them are listed at once, while every other org waits. */
const TAKEN_MOST = 1_000
const PAST = '"until" is in the past. Name a later instant, or none: then the chat is yours until you hand it back.'

/** Lets people take chats over from their agents, and hand them back, through the API, the page and the command line. */
export class TakeoverRequests {
  readonly #parts: TakeoverRequestParts

  constructor(parts: TakeoverRequestParts) {
    this.#parts = parts
  }

  /** The newest first. */
  list(org: OrgId): Promise<Takeover[]> {
    return listTakeovers(this.#parts.store.connection, org, Date.now())
  }

  /** @throws ChannelError `channel_not_configured`, `bad_request`, `too_many_kept` */
  async begin(key: AccountKey, address: string, until: number | null): Promise<Takeover> {
    const { store, log, onTakenBack } = this.#parts
    const now = Date.now()
    if (until !== null && until <= now) throw new ChannelError('bad_request', PAST)
    const { back, takeover } = await store.transaction(async transaction => {
      const chat = await chatNamed(transaction, key, address)
      const taken = await takeOverFor(transaction, chat, until)
      const all = await listTakeovers(transaction, key.org, now)
      const found = all.find(({ account, chatKey }) => account === key.account && chatKey === chat.chatKey)
      if (!found) throw new ChannelError('internal')
      if (all.filter(({ by }) => by === 'operator').length > TAKEN_MOST) throw new ChannelError('too_many_kept')
      return { back: taken, takeover: found }
    })
    log.info({ org: key.org, account: key.account, turns: back.turns, replies: back.replies }, 'chat taken over')
    onTakenBack(key, back)
    return takeover
  }

  /** @throws ChannelError `channel_not_configured`, `not_found` */
  async end(key: AccountKey, address: string): Promise<void> {
    const { store, log } = this.#parts
    await store.transaction(async transaction => {
      const chat = await chatNamed(transaction, key, address)
      if (!(await handBack(transaction, chat, Date.now()))) throw new ChannelError('not_found')
    })
    log.info({ org: key.org, account: key.account }, 'chat handed back')
  }
}
