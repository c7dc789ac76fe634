import type { LedgerPage } from '../../host-stub/whatsapp/world/ledger.ts'

/** How often the devices of a phone have logged in. */
export const loginsOf = ({ logins }: LedgerPage, { name }: { readonly name: string }): number =>
  logins.filter(({ device }) => device.startsWith(`${name}:`)).length
