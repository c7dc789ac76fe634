import ipaddr from 'ipaddr.js'

/** Public addresses that are answered by the cloud's own host: Azure's wire server. */
const METADATA: ReadonlySet<string> = new Set(['168.63.129.16'])

/**
 * Whether an IP address belongs to the public internet: not to this machine, a private network or a cloud's metadata service, and
 * not another notation of one of those (reliability.md F55).
 */
export function isPublicAddress(address: string): boolean {
  // Only addresses in full notation, because programs disagree about the meaning of shorter ones.
  if (!ipaddr.IPv4.isValidFourPartDecimal(address) && !ipaddr.IPv6.isValid(address)) return false
  const parsed = ipaddr.process(address)
  if (parsed.range() !== 'unicast') return false
  // For IPv6 only the range that is assigned for routing (IANA, 2000::/3). Other ranges contain IPv4 addresses in other notations.
  if (parsed.kind() === 'ipv6') return parsed.match(ipaddr.parseCIDR('2000::/3'))
  return !METADATA.has(parsed.toString())
}
