declare const CLAIM: unique symbol

/**
 * A sender's unverified statement about their own message; WhatsApp transports it as they wrote it. The compiler does not accept
 * it as a fact; use {@link wordOf} to unwrap it only into something whose name says that it is a claim.
 */
export type Claimed<Word> = { readonly [CLAIM]: Word }

/** Marks a sender's statement as a claim. */
export const claimed = <Word>(word: Word): Claimed<Word> => word as unknown as Claimed<Word>

/** The claimed value; unwrapping it does not make it a fact. */
export const wordOf = <Word>(claim: Claimed<Word>): Word => claim as unknown as Word
