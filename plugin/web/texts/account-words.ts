import type { WireAccount, WireConnection } from '../../contract/api/channels.ts'

/** The account that exists before any other is configured. */
export const DEFAULT_ACCOUNT = 'default'

/** The heading of an account: its display name, else its key. */
export function titleOf(account: string, known: Pick<WireAccount, 'display_name'> | undefined): string {
  return known?.display_name ?? (account === DEFAULT_ACCOUNT ? 'WhatsApp' : `WhatsApp · ${account}`)
}

const WITH_LOGIN: readonly WireConnection['status'][] = ['connected', 'connecting', 'degraded', 'stopped']

/** Whether the account can be unpaired: a phone was linked, connected or not. `phone`: the account's number. */
export const hasLogin = (link: Pick<WireConnection, 'status' | 'phone'>, phone: string | null): boolean =>
  phone !== null || link.phone !== null || WITH_LOGIN.includes(link.status)

/** An account that was unpaired: its title, and whether WhatsApp was told. */
export type Unpaired = { readonly name: string; readonly unlinked: boolean }

/** The sentence after unpairing an account, whose name and settings are gone by then. */
export function unpairedSentence({ name, unlinked }: Unpaired): string {
  const what = unlinked
    ? 'is unpaired: the device is unlinked, and its keys are destroyed.'
    : 'is unpaired and its keys are destroyed, but WhatsApp could not be reached: remove the device on the phone as well, under WhatsApp → Settings → Linked devices.'
  return `${name} ${what} Bindings and messages are still here.`
}
