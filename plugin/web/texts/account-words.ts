import type { WireAccount, WireConnection } from '../../contract/api/channels.ts'
import { DEFAULT_ACCOUNT } from '../data/default-account.ts'

/** The heading of an account: the name that it was given, else which one it is. */
export function titleOf(account: string, known: Pick<WireAccount, 'display_name'> | undefined): string {
  return known?.display_name ?? (account === DEFAULT_ACCOUNT ? 'WhatsApp' : `WhatsApp · ${account}`)
}

const WITH_LOGIN: readonly WireConnection['status'][] = ['connected', 'connecting', 'degraded', 'stopped']

/** Whether there is something to be unpaired: a phone was linked, whether or not its connection is up. `phone`: the account's. */
export const hasLogin = (link: Pick<WireConnection, 'status' | 'phone'>, phone: string | null): boolean =>
  phone !== null || link.phone !== null || WITH_LOGIN.includes(link.status)

/** An account that was unpaired: what it was called, and whether WhatsApp was told. */
export type Unpaired = { readonly name: string; readonly unlinked: boolean }

/** What is said once an account is unpaired: its name and its settings are gone by then. */
export function unpairedSentence({ name, unlinked }: Unpaired): string {
  const what = unlinked
    ? 'is unpaired: the device is unlinked, and its keys are destroyed.'
    : 'is unpaired and its keys are destroyed, but WhatsApp could not be reached: remove the device on the phone as well, under WhatsApp → Settings → Linked devices.'
  return `${name} ${what} Bindings and messages are still here.`
}
