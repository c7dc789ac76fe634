declare const CLAIM: unique symbol

/**
 * What somebody says of what they wrote, and nobody has borne out: WhatsApp carries it as they wrote it. The compiler takes it for no
 * fact; {@link wordOf} takes it out where the name of what it goes into says that it is a claim.
 */
export type Claimed<Word> = { readonly [CLAIM]: Word }

/** Marks a sender's word as that. */
export const claimed = <Word>(word: Word): Claimed<Word> => word as unknown as Claimed<Word>

/** The word that is claimed; it becomes no fact by that. */
export const wordOf = <Word>(claim: Claimed<Word>): Word => claim as unknown as Word
