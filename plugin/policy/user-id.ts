import { createHash } from 'node:crypto'

import { canonicalKey, type OrgId, type Person } from '../contract/ids.ts'

/** The user id of a person on WhatsApp: the same in every turn, and it does not reveal who it is. */
export function userOf(org: OrgId, person: Person): string {
  const hash = createHash('sha256')
    .update(`${org}/${canonicalKey(person)}`)
    .digest('hex')
  return `usr_${hash.slice(0, 26)}`
}
