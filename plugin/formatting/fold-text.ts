/** A word as it is compared with what somebody wrote: without blanks around it, in small letters, its marks composed. */
export const foldText = (text: string): string => text.trim().normalize('NFC').toLowerCase()
