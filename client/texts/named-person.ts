import { plainLine } from '../../plugin/contract/plain-text.ts'

const NAME_MOST = 40

/**
 * An address, followed by the name that its owner chose: `+972500000002 ~Dana`. People can choose any name, so a name is never
 * shown without the address, and is always marked as chosen by its owner.
 */
export const namedPerson = (address: string, name: string | null | undefined): string =>
  name?.trim() ? `${plainLine(address)} ${ownName(name)}` : plainLine(address)

/** Adds the group: `… in 120363000000000001@g.us ~Family`; without a group only `who`. */
export const inGroup = (who: string, group: string | null, subject: string | null | undefined): string =>
  group === null ? who : `${who} in ${namedPerson(group, subject)}`

/** The name alone, in the form in which it follows an address. */
export const ownName = (name: string): string => `~${plainLine(name.trim(), NAME_MOST)}`
