const CODES: Record<number, string> = {
  403: 'This account may not write there, for example in a group that it is not a member of.',
  404: 'This address is not on WhatsApp.',
  429: 'WhatsApp’s rate limit is reached. Send less, and more slowly.',
  463: 'WhatsApp does not allow this account to write to people who have not written to it.',
}

/** Why a send was rejected, for a person: our own detail, or the known meaning of WhatsApp’s code together with the code. */
export const rejectionSentence = (code: number | null, detail: string | null = null): string =>
  code === null
    ? (detail ?? 'It could not be created: a file, or the message that it refers to, no longer exists.')
    : `${CODES[code] ?? 'WhatsApp rejected it. It is not retried.'} (WhatsApp’s code ${code})`
