import { parseAddress, type Person, personAt } from '../../contract/ids.ts'
import { jidOfPerson } from '../kinds/jid.ts'

/** A text, and the JIDs of the people that it mentions. */
export type Mentioning = { readonly text: string; readonly mentionedJid: string[] }

/**
 * Mentions people in a text: where the author wrote `@` and an address, phones look for `@` and the digits of the JID. A person is
 * named by LID if it is known, as phones do among themselves.
 */
export function mentioning(
  text: string,
  mentions: readonly string[],
  complete: (person: Person) => Person,
): Mentioning {
  const mentionedJid: string[] = []
  let written = text
  // The longest first: one address may be the beginning of another.
  for (const mention of [...mentions].sort((left, right) => right.length - left.length)) {
    const address = parseAddress(mention)
    if (!address || address.kind === 'group') continue
    const { lid, phone } = complete(personAt(address))
    const jid = jidOfPerson(lid ? { lid, phone: null } : { lid: null, phone })
    mentionedJid.push(jid)
    written = written.replaceAll(`@${mention}`, `@${jid.split('@')[0] ?? ''}`)
  }
  return { text: written, mentionedJid }
}
