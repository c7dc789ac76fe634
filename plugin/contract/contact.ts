import type { Person, Phone } from './ids.ts'

/**
 * What WhatsApp answers when it is asked for a number. `found`: the addresses that it names, whose number is the one to be used
 * and may be spelled otherwise than the one that was asked for. `absent`: nobody has that number. `unanswered`: it says
 * nothing that can be believed; `code` is that of its refusal, null when there was none.
 */
export type LookupOutcome =
  | { readonly outcome: 'found'; readonly person: Person }
  | { readonly outcome: 'absent' }
  | { readonly outcome: 'unanswered'; readonly code: number | null }

/** What is known of a number: `address` is the number that WhatsApp names for it, null when nobody has it. */
export type Contact = { readonly number: Phone; readonly address: Phone | null }

/** Where the settings name a number. */
export const NAMED_BY = ['approver', 'role'] as const
export type NamedBy = (typeof NAMED_BY)[number]

/** A number that the settings name: `address` is as of {@link Contact}, undefined while WhatsApp has not answered. */
export type NamedNumber = {
  readonly number: Phone
  readonly namedBy: readonly NamedBy[]
  readonly address: Phone | null | undefined
}

/** What numbers were found to be, in the order in which they were asked for. `retryAt` (ms UTC): when the others may be; null: none is left. */
export type CheckedContacts = { readonly contacts: readonly Contact[]; readonly retryAt: number | null }

/**
 * What a send waits for before its number is known to WhatsApp: `lookup`: the number is asked for when its turn has come;
 * `lookup_budget`: the account has asked for as many as it may; `lookup_failed`: it was asked for, and not answered.
 */
export const LOOKUP_WAITS = ['lookup', 'lookup_budget', 'lookup_failed'] as const
export type LookupWait = (typeof LOOKUP_WAITS)[number]

/** For how long an answer holds: 30 days. */
export const CONTACT_KEPT_MS = 2_592_000_000

/** The most numbers that are asked for in one call. */
export const NUMBERS_MOST = 10
