import { ChannelError } from '../contract/errors.ts'
import type { Principal } from '../contract/host.ts'
import type { Role } from '../contract/role.ts'

/** The least role that each procedure takes. The routes of REST name procedures of this table. */
export const ROLE_TABLE = {
  'channels.list': 'viewer',
  'channels.reload': 'admin',
  'whatsapp.configure': 'admin',
  'whatsapp.unpair': 'admin',
  'whatsapp.send': 'member',
  'whatsapp.sends.list': 'viewer',
  'whatsapp.sends.get': 'viewer',
  'whatsapp.sends.cancel': 'member',
  'whatsapp.sends.watch': 'viewer',
  'whatsapp.transfers.watch': 'viewer',
  'whatsapp.schema': 'viewer',
  'whatsapp.test': 'admin',
  'whatsapp.code.start': 'admin',
  'whatsapp.passkey.answer': 'admin',
  'whatsapp.passkey.confirm': 'admin',
  'whatsapp.qr.start': 'admin',
  'whatsapp.qr.status': 'viewer',
  'whatsapp.qr.watch': 'viewer',
  'whatsapp.connection.watch': 'viewer',
  'whatsapp.messages.list': 'viewer',
  'whatsapp.messages.watch': 'viewer',
  'whatsapp.messages.trace': 'admin',
  'whatsapp.messages.course': 'viewer',
  'whatsapp.messages.fetchFile': 'member',
  'whatsapp.groups.list': 'member',
  'whatsapp.groups.get': 'member',
  'contacts.check': 'member',
  'takeovers.list': 'viewer',
  'takeovers.begin': 'member',
  'takeovers.end': 'member',
  'loops.list': 'viewer',
  'loops.end': 'admin',
  'turns.list': 'viewer',
  'turns.watch': 'viewer',
  'turns.retry': 'admin',
  'approvals.list': 'admin',
  'approvals.decide': 'admin',
  'policies.list': 'viewer',
  'policies.get': 'viewer',
  'policies.put': 'admin',
  'policies.delete': 'admin',
  'policies.test': 'admin',
  'bindings.list': 'viewer',
  'bindings.get': 'viewer',
  'bindings.create': 'admin',
  'bindings.update': 'admin',
  'bindings.reorder': 'admin',
  'bindings.explain': 'admin',
  'bindings.replay': 'admin',
  'bindings.delete': 'admin',
} as const satisfies Record<string, Role>

/** The path of a procedure. */
export type ProcedurePath = keyof typeof ROLE_TABLE

const RANK: Record<Role, number> = { viewer: 0, member: 1, admin: 2, owner: 3 }

const isProcedurePath = (path: string): path is ProcedurePath => Object.hasOwn(ROLE_TABLE, path)

const reaches = (principal: Principal, role: Role): boolean => RANK[principal.role] >= RANK[role]

/**
 * The caller, when they may call `path`. A path that the table does not name is open to nobody.
 * @throws ChannelError `unauthorized`, `forbidden`
 */
export function permitted(principal: Principal | null, path: string): Principal {
  if (principal === null) throw new ChannelError('unauthorized')
  if (isProcedurePath(path) && reaches(principal, ROLE_TABLE[path])) return principal
  throw new ChannelError('forbidden')
}

/** Whether the caller is shown what people write. */
export const mayReadTexts = (principal: Principal): boolean => reaches(principal, 'member')

/** Whether the caller is shown QR and pairing codes, and so counts as a witness of which number was linked. */
export const mayPair = (principal: Principal): boolean => reaches(principal, 'admin')
