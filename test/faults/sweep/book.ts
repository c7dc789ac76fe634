import { existsSync, readFileSync } from 'node:fs'

import type { HostAnswer } from '../../support/host-process.ts'

type Call = (method: string, path: string, sent?: { body?: unknown }) => Promise<HostAnswer>

/** What the bookkeeper has done, each time that it did it: the id of the turn. */
export const entriesIn = (book: string): string[] =>
  existsSync(book) ? readFileSync(book, 'utf8').split('\n').slice(0, -1) : []

/**
 * A person who looks into the book for each turn that waits for one: what is in it is not done again. How many waited.
 */
export async function decideByBook(call: Call, book: string): Promise<number> {
  const { body } = await call('GET', '/api/v1/turns?status=needs_operator')
  const { turns } = body as { turns: { id: string }[] }
  for (const { id } of turns) {
    const step = entriesIn(book).includes(id) ? 'skip' : 'repeat'
    await call('POST', `/api/v1/turns/${id}/retry`, { body: { step } })
  }
  return turns.length
}
