import type { PolicyQuestion } from '../contract/policy.ts'

const WITHIN_MS = 3_600_000
const MOST = 3

type Ended = { readonly by: string; readonly at: number }

/**
 * How often evaluations of one set had to be ended. Three within an hour are too many. An end counts once for each sender on
 * WhatsApp, whose words may have caused it: one person alone, however much they write, never makes it three. Of the API each
 * counts, since what a policy is asked about its calls is nothing that the caller has written.
 */
export class Endings {
  #ended: readonly Ended[] = []

  /** Notes an end, and answers whether they are too many now. */
  note({ channel, user }: Pick<PolicyQuestion, 'channel' | 'user'>, at: number): boolean {
    const by = channel === 'whatsapp' ? user : ''
    const stay = (each: Ended): boolean => each.at > at - WITHIN_MS && (by === '' || each.by !== by)
    this.#ended = [...this.#ended.filter(stay), { by, at }].slice(-MOST)
    return this.#ended.length >= MOST
  }
}
