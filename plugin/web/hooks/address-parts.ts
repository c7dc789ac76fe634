function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** The decoded parts of an address. A part that is not valid URL encoding is kept as it is, since people type addresses. */
export const partsOf = (address: string): readonly string[] => address.split('/').map(decoded)
