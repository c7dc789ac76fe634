import { plainLine } from '../plugin/contract/plain-text.ts'

const NAME_MOST = 40

/**
 * An address, and behind it what whoever has it calls themselves: `+972500000002 ~Dana`. Anybody may call themselves anything, so a name
 * is never shown without the address, and never as anything but their own word.
 */
export const namedPerson = (address: string, name: string | null | undefined): string =>
  name?.trim() ? `${plainLine(address)} ${ownName(name)}` : plainLine(address)

/** The name alone, as it is shown beside an address. */
export const ownName = (name: string): string => `~${plainLine(name.trim(), NAME_MOST)}`
