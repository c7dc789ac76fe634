/** The most entries that the API returns per request. */
const PAGE_MOST = 200

/** Which entries to request: at most `limit`, and only those before the entry `before` if it is given. */
export type Asked = { readonly limit: number; readonly before?: string }
/** One page of entries, newest first; `more`: older ones exist. */
export type Page<Entry> = { readonly entries: readonly Entry[]; readonly more: boolean }

/** The newest `most` entries of a list, page by page, newest first. */
export async function* newestFirst<Entry extends { readonly id: string }>(
  most: number,
  ask: (asked: Asked) => Promise<Page<Entry>>,
): AsyncGenerator<Page<Entry>, void> {
  let asked: Asked = { limit: Math.min(most, PAGE_MOST) }
  for (let left = most; left > 0;) {
    const page = await ask(asked)
    const last = page.entries.at(-1)
    if (last === undefined) return
    yield page
    if (!page.more) return
    left -= page.entries.length
    asked = { limit: Math.min(left, PAGE_MOST), before: last.id }
  }
}

/** The same in one array, for a list whose end shows only in a page that is not full. */
export async function newestOf<Entry extends { readonly id: string }>(
  most: number,
  ask: (asked: Asked) => Promise<readonly Entry[]>,
): Promise<Entry[]> {
  const found: Entry[] = []
  const pages = newestFirst(most, async asked => {
    const entries = await ask(asked)
    return { entries, more: entries.length === asked.limit }
  })
  for await (const { entries } of pages) found.push(...entries)
  return found
}
