import { WakeLoop } from '../base/wake-loop.ts'
import type { Audit } from '../contract/audit.ts'
import { errorFields } from '../contract/errors/error-fields.ts'
import type { Log } from '../contract/host.ts'
import type { Store } from '../store/database.ts'
import { type AnsweredApproval, decideAsAnswered, listAnswered } from '../store/turns/approval-answers.ts'
import { findApproval } from '../store/turns/approvals.ts'
import { decisionEntry } from './decision-entry.ts'

/** What deciding by answers of approvers needs. */
export type AnswerDecisionParts = {
  readonly store: Store
  readonly audit: Audit
  readonly log: Log
  /** Called when a turn may go on. */
  readonly onDecided: () => void
}

/** How long to wait before the audit log is tried again, in ms. */
const RETRY_MS = 5_000

/**
 * Decides approvals by the answers given in chats. The inbox only stores an answer, in the transaction of its message. After the
 * commit, the answer is written to the audit log, and the call waits until that has worked. After a crash in between, the audit log
 * has two entries for one decision.
 */
export class AnswerDecisions {
  readonly #parts: AnswerDecisionParts
  readonly #loop = new WakeLoop(() => this.#decideAll())
  #retry: NodeJS.Timeout | null = null

  constructor(parts: AnswerDecisionParts) {
    this.#parts = parts
  }

  /**
   * Decides everything that was answered. Resolves when each answer was decided, or could not be written to the audit log and will
   * be retried.
   */
  wake(): Promise<void> {
    return this.#loop.wake()
  }

  async close(): Promise<void> {
    if (this.#retry) clearTimeout(this.#retry)
    await this.#loop.close()
  }

  async #decideAll(): Promise<void> {
    const { store, log, onDecided } = this.#parts
    if (this.#retry) clearTimeout(this.#retry)
    this.#retry = null
    let failed = false
    try {
      for (const answered of await listAnswered(store.connection)) {
        await this.#decide(answered).then(onDecided, (error: unknown) => {
          failed = true
          log.error({ org: answered.org, approval: answered.id, ...errorFields(error) }, 'answer not decided')
        })
      }
    } catch (error) {
      failed = true
      log.error(errorFields(error), 'answers not read')
    }
    if (failed) this.#retry = setTimeout(() => void this.wake(), RETRY_MS).unref()
  }

  async #decide(answered: AnsweredApproval): Promise<void> {
    const { store, audit, log } = this.#parts
    const { org, id, answer } = answered
    const approval = await findApproval(store.connection, org, id)
    if (!approval) return
    await audit.append(org, decisionEntry(approval, answer))
    await store.transaction(transaction => decideAsAnswered(transaction, answered))
    log.info({ org, approval: id, status: answer.approved ? 'approved' : 'denied', by: answer.by }, 'approval decided')
  }
}
