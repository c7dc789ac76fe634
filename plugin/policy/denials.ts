/** One rule that denied, and what it says of it. */
export type Denial = { readonly rule: string; readonly message: string }

/** What a document of policies says: whether there is anything in it, and who denies. */
export type Reading = { readonly isLoaded: boolean; readonly denials: readonly Denial[] }

const MOST_DENIALS = 20
const MOST_CHARACTERS = 500

const isDocument = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const messageOf = (value: unknown): string =>
  (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, MOST_CHARACTERS)

/** A set or an object denies by what is in it. What is neither should not be there, and denies unless it is `false`. */
function messagesOf(deny: unknown): string[] {
  if (deny === false) return []
  if (Array.isArray(deny)) return deny.map(messageOf)
  if (isDocument(deny)) return Object.entries(deny).map(([key, value]) => (value === true ? key : messageOf(value)))
  return [deny === true ? 'denied' : messageOf(deny)]
}

/** Reads the document at `path` (`agentcy`, or `agentcy/a/deny`): every `deny` in it, however deep, in order of its names. */
export function readDenials(path: string, document: unknown): Reading {
  const denials: Denial[] = []
  const visit = (rule: string, value: unknown): void => {
    if (rule === 'deny' || rule.endsWith('.deny')) {
      denials.push(...messagesOf(value).map(message => ({ rule, message })))
    } else if (isDocument(value)) {
      for (const name of Object.keys(value).toSorted()) visit(`${rule}.${name}`, value[name])
    }
  }
  visit(path.replaceAll('/', '.'), document)
  const isLoaded = path.endsWith('/deny') || (isDocument(document) && Object.keys(document).length > 0)
  return { isLoaded, denials: denials.slice(0, MOST_DENIALS) }
}
