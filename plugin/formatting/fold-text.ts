/** The form in which a word is compared with a message: trimmed, in lower case, with composed accents. */
export const foldText = (text: string): string => text.trim().normalize('NFC').toLowerCase()
