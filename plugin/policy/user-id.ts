import { createHash } from 'node:crypto'

import { canonicalKey, type OrgId, type Person } from '../contract/ids.ts'

/** What a person on WhatsApp is called as a user: the same in every turn, and nobody can tell from it who it is. */
export function userOf(org: OrgId, person: Person): string {
  const hash = createHash('sha256')
    .update(`${org}/${canonicalKey(person)}`)
    .digest('hex')
  return `usr_${hash.slice(0, 26)}`
}
