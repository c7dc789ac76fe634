const CODES: Record<number, string> = {
  403: 'This account may not write there, as in a group that it is not in.',
  404: 'WhatsApp knows nobody by that address.',
  429: 'WhatsApp says that it is too much. Send less, and more slowly.',
  463: 'WhatsApp does not let this account write first to people who have not written to it.',
}

/** Why something was rejected, for a person: our own sentence, or what is known of WhatsApp’s code. */
export const rejectionSentence = (code: number | null, detail: string | null = null): string =>
  code === null
    ? (detail ?? 'It could not be made: a file, or the message that it is about, is not there any more.')
    : (CODES[code] ?? `WhatsApp refused it, with its code ${code}. It is not tried again.`)
