import type { Person, Phone } from './ids.ts'

/**
 * WhatsApp's answer about a number. `found`: the addresses that it names; use the number in them, which may be spelled
 * differently from the requested one. `absent`: nobody has that number. `unanswered`: there is no answer that can be trusted;
 * `code` is that of WhatsApp's refusal, null if there was none.
 */
export type LookupOutcome =
  | { readonly outcome: 'found'; readonly person: Person }
  | { readonly outcome: 'absent' }
  | { readonly outcome: 'unanswered'; readonly code: number | null }

/** What is known about a number: `address` is the number that WhatsApp names for it, null if nobody has it. */
export type Contact = { readonly number: Phone; readonly address: Phone | null }

/** Where the settings name a number. */
export const NAMED_BY = ['approver', 'role'] as const
export type NamedBy = (typeof NAMED_BY)[number]

/** A number that the settings name: `address` as in {@link Contact}, undefined while WhatsApp has not answered. */
export type NamedNumber = {
  readonly number: Phone
  readonly namedBy: readonly NamedBy[]
  readonly address: Phone | null | undefined
}

/**
 * The results for numbers, in the order of the request. `retryAt` (ms UTC): when the remaining numbers may be looked up; null:
 * none remains.
 */
export type CheckedContacts = { readonly contacts: readonly Contact[]; readonly retryAt: number | null }

/**
 * What a send waits for while its number is not confirmed by WhatsApp. `lookup`: the lookup is done when it is the send's turn;
 * `lookup_budget`: the account has used up its lookups; `lookup_failed`: the lookup was made and not answered.
 */
export const LOOKUP_WAITS = ['lookup', 'lookup_budget', 'lookup_failed'] as const
export type LookupWait = (typeof LOOKUP_WAITS)[number]

/** How long an answer is valid: 30 days. */
export const CONTACT_KEPT_MS = 2_592_000_000

/** The most numbers in one call. */
export const NUMBERS_MOST = 10
