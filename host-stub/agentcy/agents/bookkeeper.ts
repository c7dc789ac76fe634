import { appendFileSync, existsSync, readFileSync } from 'node:fs'

import type { Agent, Tool } from '../agent-loop.ts'

const linesOf = (book: string): string[] =>
  existsSync(book) ? readFileSync(book, 'utf8').split('\n').slice(0, -1) : []

/**
 * Counts the entries of its book, a file, adds an entry for the message, and says so. Tests can thus count its side effects. An
 * entry is the turn's id, and the tool that adds it is not idempotent.
 */
export function bookkeeper(book: string): Agent {
  const count: Tool = {
    name: 'book.count',
    effect: 'read',
    idempotent: true,
    run: async () => String(linesOf(book).length),
  }
  const add: Tool = {
    name: 'book.add',
    effect: 'write',
    idempotent: false,
    run: async ({ entry }) => {
      appendFileSync(book, `${entry}\n`, { mode: 0o600 })
      return 'added'
    },
  }
  return async function* ({ id, message }) {
    yield { kind: 'tool', tool: count, given: {} }
    const added = yield { kind: 'tool', tool: add, given: { entry: id } }
    const said = added?.outcome === 'done' ? 'In the book' : 'Not in the book'
    yield { kind: 'reply', reply: { text: `${said}: ${message.text}`, plain: true } }
  }
}
