import { ChannelError } from '../contract/errors/errors.ts'
import type { Log } from '../contract/host.ts'
import type { AccountKey, OrgId } from '../contract/ids.ts'
import type { SuspectedLoop } from '../contract/loop.ts'
import { chatNamed } from '../store/people/chats.ts'
import type { Store } from '../store/database.ts'
import { listLoops, pardonLoop } from '../store/messages/loops.ts'

/** Lists the chats in which a loop is suspected, and releases them. */
export class SuspectedLoops {
  readonly #store: Store
  readonly #log: Log

  constructor(store: Store, log: Log) {
    this.#store = store
    this.#log = log
  }

  /** The newest first. */
  list(org: OrgId): Promise<SuspectedLoop[]> {
    return listLoops(this.#store.connection, org)
  }

  /**
   * Lets agents be asked again about new messages of a chat. Messages that arrived while the chat was held stay unmatched; a person
   * may replay them.
   *
   * @throws ChannelError `channel_not_configured`, `bad_request`, `not_found` if no loop is suspected there
   */
  async end({ org, account }: AccountKey, address: string): Promise<void> {
    await this.#store.transaction(async transaction => {
      const chat = await chatNamed(transaction, { org, account }, address)
      if (!(await pardonLoop(transaction, chat))) throw new ChannelError('not_found')
    })
    this.#log.info({ org, account }, 'chat goes on')
  }
}
