import type { GroupId, Person } from './ids.ts'

/** A group that the linked number is in, as shown in a list. */
export type GroupSummary = { readonly id: GroupId; readonly subject: string; readonly size: number }

/** A member of a group, with the addresses that WhatsApp reveals to the group's members. */
export type GroupMember = { readonly person: Person; readonly admin: boolean }

/** A group and its members. */
export type Group = GroupSummary & {
  /** Empty when there is none. */
  readonly description: string
  readonly members: readonly GroupMember[]
}
