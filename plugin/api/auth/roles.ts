import { ChannelError } from '../../contract/errors/errors.ts'
import type { Principal } from '../../contract/host.ts'
import type { Role } from '../../contract/role.ts'

const RANK: Record<Role, number> = { viewer: 0, member: 1, admin: 2, owner: 3 }

const reaches = (principal: Principal, role: Role): boolean => RANK[principal.role] >= RANK[role]

/**
 * Returns the caller if they have at least this role.
 * @throws ChannelError `unauthorized`, `forbidden`
 */
export function permitted(principal: Principal | null, role: Role): Principal {
  if (principal === null) throw new ChannelError('unauthorized')
  if (reaches(principal, role)) return principal
  throw new ChannelError('forbidden')
}

/** Whether the caller may see what people write. */
export const mayReadTexts = (principal: Principal): boolean => reaches(principal, 'member')

/** Whether the caller may see the arguments and results of agents' tool calls. */
export const mayReadCalls = (principal: Principal): boolean => reaches(principal, 'admin')

/** Whether the caller may see QR and pairing codes, and whose view of the linked number therefore confirms it. */
export const mayPair = (principal: Principal): boolean => reaches(principal, 'admin')
