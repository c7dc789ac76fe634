import type { Contacts } from '../../plugin/contacts/number-lookup.ts'

/** Everybody is known to be on WhatsApp: for stories about something else. */
export const everybodyKnown: Pick<Contacts, 'standings' | 'lookUp' | 'prospect'> = {
  standings: () => Promise.resolve(new Map()),
  lookUp: () => Promise.resolve({ outcome: 'answered' }),
  prospect: () => Promise.resolve(null),
}
