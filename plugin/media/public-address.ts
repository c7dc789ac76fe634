import ipaddr from 'ipaddr.js'

/** Public by their numbers, and answered by the cloud's own host: Azure's wire server. */
const METADATA: ReadonlySet<string> = new Set(['168.63.129.16'])

/**
 * Whether an IP address is one of the open internet: not this machine's, not a private network's, not a cloud's metadata,
 * and no other notation of one of those (reliability.md F55).
 */
export function isPublicAddress(address: string): boolean {
  // Only what is written in full: shorter notations mean something else to everybody.
  if (!ipaddr.IPv4.isValidFourPartDecimal(address) && !ipaddr.IPv6.isValid(address)) return false
  const parsed = ipaddr.process(address)
  if (parsed.range() !== 'unicast') return false
  // Of IPv6 only what is given out to be routed (IANA, 2000::/3): below stand IPv4 addresses in other clothes.
  if (parsed.kind() === 'ipv6') return parsed.match(ipaddr.parseCIDR('2000::/3'))
  return !METADATA.has(parsed.toString())
}
