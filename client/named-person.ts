import { plainLine } from '../plugin/contract/plain-text.ts'

const NAME_MOST = 40

/**
 * An address, and behind it what its owner calls themselves: `+972500000002 ~Dana`. Anybody may call themselves anything, so a name
 * is never shown without the address, and never as anything but their own word.
 */
export const namedPerson = (address: string, name: string | null | undefined): string =>
  name?.trim() ? `${plainLine(address)} ${ownName(name)}` : plainLine(address)

/** Who or what something is in, as `… in 120363000000000001@g.us ~Family`; who alone, when it is in nothing. */
export const inGroup = (who: string, group: string | null, subject: string | null | undefined): string =>
  group === null ? who : `${who} in ${namedPerson(group, subject)}`

/** The name alone, as it is shown beside an address. */
export const ownName = (name: string): string => `~${plainLine(name.trim(), NAME_MOST)}`
