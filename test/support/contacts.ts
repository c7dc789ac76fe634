import type { NumberLookup } from '../../plugin/contacts/number-lookup.ts'

/** Everybody is known to be on WhatsApp: for stories about something else. */
export const everybodyKnown: Pick<NumberLookup, 'standings' | 'lookUp' | 'prospect'> = {
  standings: () => Promise.resolve(new Map()),
  lookUp: () => Promise.resolve({ outcome: 'answered' }),
  prospect: () => Promise.resolve(null),
}
