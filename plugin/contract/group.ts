import type { GroupId, Person } from './ids.ts'

/** A group that the linked number is in, as far as a list tells. */
export type GroupSummary = { readonly id: GroupId; readonly subject: string; readonly size: number }

/** Somebody who is in a group, with the addresses that WhatsApp tells its members. */
export type GroupMember = { readonly person: Person; readonly admin: boolean }

/** A group and who is in it. */
export type Group = GroupSummary & {
  /** Empty when there is none. */
  readonly description: string
  readonly members: readonly GroupMember[]
}
