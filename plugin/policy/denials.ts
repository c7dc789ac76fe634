/** A rule that denied, and its message. */
export type Denial = { readonly rule: string; readonly message: string }

/** The result of a policy document: whether it holds anything, and which rules deny. */
export type Reading = { readonly isLoaded: boolean; readonly denials: readonly Denial[] }

const MOST_DENIALS = 20
const MOST_CHARACTERS = 500

const isDocument = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const messageOf = (value: unknown): string =>
  (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, MOST_CHARACTERS)

/** A set or an object denies with each of its entries. Any other value denies as well, unless it is `false`. */
function messagesOf(deny: unknown): string[] {
  if (deny === false) return []
  if (Array.isArray(deny)) return deny.slice(0, MOST_DENIALS).map(messageOf)
  if (isDocument(deny)) {
    const entries = Object.entries(deny).slice(0, MOST_DENIALS)
    return entries.map(([key, value]) => (value === true ? key : messageOf(value)))
  }
  return [deny === true ? 'denied' : messageOf(deny)]
}

/** Reads every `deny` in the document at `path` (`agentcy`, or `agentcy/a/deny`), at any depth, in the order of the names. */
export function readDenials(path: string, document: unknown): Reading {
  const denials: Denial[] = []
  const names: string[] = []
  const visit = (name: string, value: unknown): void => {
    if (denials.length >= MOST_DENIALS) return
    names.push(name)
    if (name === 'deny' || name.endsWith('.deny')) {
      const rule = names.join('.')
      denials.push(...messagesOf(value).map(message => ({ rule, message })))
    } else if (isDocument(value)) {
      for (const below of Object.keys(value).toSorted()) visit(below, value[below])
    }
    names.pop()
  }
  visit(path.replaceAll('/', '.'), document)
  const isLoaded = path.endsWith('/deny') || (isDocument(document) && Object.keys(document).length > 0)
  return { isLoaded, denials: denials.slice(0, MOST_DENIALS) }
}
