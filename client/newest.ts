/** The most entries that the API gives at once. */
const PAGE_MOST = 200

/** Which entries are asked for: so many, those before one when it is named. */
export type Asked = { readonly limit: number; readonly before?: string }
/** What is answered, newest first; `more`: others are before these. */
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

/** The same at once, for a list that says by a short page that nothing is behind it. */
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
