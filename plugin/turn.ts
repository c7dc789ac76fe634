import type { Settings } from './config.ts'
import { roleOf } from './config.ts'
import { asChannelError } from './contract/errors.ts'
import type { Agents, Log, Turn } from './contract/host.ts'
import { addressOfPerson } from './contract/ids.ts'
import { createGate, subjectOf } from './gate.ts'
import { Pump } from './pump.ts'
import type { Store } from './store/database.ts'
import type { StoredMessage } from './store/messages.ts'
import { findMessage, textOfStored } from './store/messages.ts'
import type { StoredTurn, TurnEnd } from './store/turns.ts'
import { endTurn, requeueTurns, takeTurns } from './store/turns.ts'

const TURNS_AT_A_TIME = 64

/** One reply of a turn. The same turn and index always name the same reply. */
export type Reply = {
  readonly turn: StoredTurn
  readonly index: number
  readonly text: string
}

/** What running turns needs. */
export type TurnParts = {
  readonly store: Store
  readonly log: Log
  readonly agents: Agents
  readonly settings: () => Settings
  /** Says a reply in the chat that the turn's message came from; durable when it returns. */
  readonly say: (reply: Reply) => Promise<void>
}

/** A turn under way. */
type Run = { readonly abort: AbortController; readonly done: Promise<void> }

/** A reply that could not be stored: our failure, not the agent's. */
class ReplyNotKept extends Error {}

/** A reason to stop waiting for an agent. */
class TurnOver extends Error {
  readonly why: 'deadline' | 'stopping'

  constructor(why: 'deadline' | 'stopping') {
    super(why)
    this.why = why
  }
}

/**
 * Runs the turns that are queued: one at a time in each chat, in order, chats beside each other. What a process that
 * ended left running is run again; its replies carry the ids they had, so nothing is said twice.
 */
export class Turns {
  readonly #parts: TurnParts
  readonly #runs = new Map<string, Run>()
  readonly #pump = new Pump(() => this.#startMore())
  #closed = false

  constructor(parts: TurnParts) {
    this.#parts = parts
  }

  /** Queues again what the last process left running, and begins. */
  async open(): Promise<void> {
    await requeueTurns(this.#parts.store.connection)
    void this.#pump.wake()
  }

  /** There may be more to run. */
  wake(): void {
    void this.#pump.wake()
  }

  /** Aborts what runs, which stays to be run again, and waits until the last has let go. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#pump.close()
    const runs = [...this.#runs.values()]
    for (const { abort } of runs) abort.abort(new TurnOver('stopping'))
    await Promise.all(runs.map(({ done }) => done))
  }

  async #startMore(): Promise<void> {
    const { store, log } = this.#parts
    const free = TURNS_AT_A_TIME - this.#runs.size
    if (this.#closed || free <= 0) return
    try {
      const turns = await store.transaction(transaction => takeTurns(transaction, free))
      for (const turn of turns) this.#start(turn)
    } catch (error) {
      log.error({ code: asChannelError(error).code }, 'turns not taken')
    }
  }

  #start(turn: StoredTurn): void {
    const abort = new AbortController()
    const done = this.#run(turn, abort).finally(() => {
      this.#runs.delete(turn.id)
      void this.#pump.wake()
    })
    this.#runs.set(turn.id, { abort, done })
  }

  async #run(turn: StoredTurn, abort: AbortController): Promise<void> {
    const { store, log, settings } = this.#parts
    const fields = { org: turn.org, account: turn.account, turn: turn.id, message: turn.messageId, agent: turn.agent }
    const timer = setTimeout(() => abort.abort(new TurnOver('deadline')), settings().turnDeadlineMs)
    try {
      log.info(fields, 'turn begun')
      const end = await this.#outcome(turn, abort.signal)
      if (end === null) return
      await store.transaction(transaction => endTurn(transaction, turn, end))
      log.info({ ...fields, status: end.status, code: end.code }, 'turn ended')
    } catch (error) {
      log.error({ ...fields, code: asChannelError(error).code }, 'turn not settled')
    } finally {
      clearTimeout(timer)
      // Whoever still holds the turn's signal learns that it is over, however it ended.
      abort.abort(new TurnOver('stopping'))
    }
  }

  /** How the turn ended; null when the channel stops first, and it is to be run again. */
  async #outcome(turn: StoredTurn, signal: AbortSignal): Promise<TurnEnd | null> {
    try {
      const message = await findMessage(this.#parts.store.connection, turn.org, turn.messageId)
      if (!message) return { status: 'failed', code: 'message_missing' }
      const replies = await this.#converse(turn, message, signal)
      return { status: replies > 0 ? 'answered' : 'no_reply', code: null }
    } catch (error) {
      if (error instanceof TurnOver) return error.why === 'deadline' ? { status: 'failed', code: 'deadline' } : null
      return { status: 'failed', code: error instanceof ReplyNotKept ? 'reply_not_kept' : 'agent_failed' }
    }
  }

  /** Says what the agent replies, as it replies; how many replies there were. */
  async #converse(stored: StoredTurn, message: StoredMessage, signal: AbortSignal): Promise<number> {
    const over = aborted(signal)
    const replies = this.#parts.agents.run(this.#turn(stored, message, signal))[Symbol.asyncIterator]()
    try {
      for (let said = 0; ;) {
        const next = await Promise.race([replies.next(), over])
        if (next.done) return said
        if (next.value === '') continue
        await this.#parts.say({ turn: stored, index: said, text: next.value }).catch(notKept)
        said += 1
      }
    } catch (error) {
      // Not awaited: an agent that hangs must not hold its chat, nor the channel's end.
      void Promise.resolve(replies.return?.()).catch(() => undefined)
      throw error
    }
  }

  #turn(stored: StoredTurn, message: StoredMessage, signal: AbortSignal): Turn {
    const { log, settings } = this.#parts
    const { chat, sender, receiver, quoted, senderName, mentioned } = message
    const subject = subjectOf(stored.org, sender, roleOf(settings(), sender))
    return {
      id: stored.id,
      requestId: stored.requestId,
      org: stored.org,
      agent: stored.agent,
      message: {
        channel: 'whatsapp',
        from: addressOfPerson(sender),
        to: addressOfPerson(receiver ?? sender),
        text: textOfStored(message),
        media: [],
        thread: `${message.account}/${message.chatKey}`,
      },
      facts: {
        isGroup: chat.kind === 'group',
        group: chat.kind === 'group' ? chat.group : null,
        mentioned,
        senderName,
        quoted: quoted && { from: quoted.sender && addressOfPerson(quoted.sender), text: quoted.text },
      },
      gate: createGate({ turn: stored, subject, log, isOpen: () => !signal.aborted }),
      signal,
    }
  }
}

function notKept(cause: unknown): never {
  throw new ReplyNotKept('a reply was not kept', { cause })
}

/** Rejects with the reason once the signal is aborted. */
function aborted(signal: AbortSignal): Promise<never> {
  const over = new Promise<never>((_, reject) => {
    const stop = (): void => reject(signal.reason as TurnOver)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
  over.catch(() => undefined)
  return over
}
