import ipaddr from 'ipaddr.js'

/**
 * Whether an IP address is one of the open internet: not this machine's, not a private network's, not a cloud's metadata,
 * and no other notation of one of those (reliability.md F55).
 */
export function isPublicAddress(address: string): boolean {
  // Only what is written in full: shorter notations mean something else to everybody.
  if (!ipaddr.IPv4.isValidFourPartDecimal(address) && !ipaddr.IPv6.isValid(address)) return false
  return ipaddr.process(address).range() === 'unicast'
}
