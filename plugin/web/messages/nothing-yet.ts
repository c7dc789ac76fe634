import type { WireAccount, WireConnection } from '../../contract/api/channels.ts'

/** What is known of an account here. */
type Known = Pick<WireAccount, 'account' | 'phone'> & { readonly connection: Pick<WireConnection, 'status' | 'phone'> }

/** What there is to do for messages to come: link a phone, write to one that is linked, or see to its connection. */
export type NothingYet =
  { readonly kind: 'link' } | { readonly kind: 'write'; readonly phone: string } | { readonly kind: 'down' }

/** Why there are no messages of the account that is chosen, or of any. */
export function nothingYet(accounts: readonly Known[], chosen: string): NothingYet {
  const shown = accounts.filter(({ account }) => chosen === '' || account === chosen)
  const up = shown.flatMap(({ connection }) => connection.phone ?? [])
  if (up[0] !== undefined) return { kind: 'write', phone: up[0] }
  return shown.some(({ phone }) => phone !== null) ? { kind: 'down' } : { kind: 'link' }
}
