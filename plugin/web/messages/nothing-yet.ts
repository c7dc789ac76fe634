import type { WireAccount, WireConnection } from '../../contract/api/channels.ts'

/** The facts about an account that are needed here. */
type Known = Pick<WireAccount, 'account' | 'phone'> & { readonly connection: Pick<WireConnection, 'status' | 'phone'> }

/** What the user can do to get messages: link a phone, write to a linked number, or check the connection. */
export type NothingYet =
  { readonly kind: 'link' } | { readonly kind: 'write'; readonly phone: string } | { readonly kind: 'down' }

/** Why the chosen account, or any account, has no messages. */
export function nothingYet(accounts: readonly Known[], chosen: string): NothingYet {
  const shown = accounts.filter(({ account }) => chosen === '' || account === chosen)
  const up = shown.flatMap(({ connection }) => connection.phone ?? [])
  if (up[0] !== undefined) return { kind: 'write', phone: up[0] }
  return shown.some(({ phone }) => phone !== null) ? { kind: 'down' } : { kind: 'link' }
}
