function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** The parts that an address names; one that is not written as links are stands for itself, since anybody types addresses. */
export const partsOf = (address: string): readonly string[] => address.split('/').map(decoded)
