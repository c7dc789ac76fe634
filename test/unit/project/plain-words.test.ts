import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../../..')

/** Words that people have to read twice, each with what says the same. */
const BANNED: readonly (readonly [RegExp, string])[] = [
  [/\banew\b/i, 'again'],
  [/\bmend(s|ed|ing)?\b/i, 'fix'],
  [/\bwho(m)?ever\b/i, 'anyone who; the person who'],
  [/\bwhatever is\b/i, 'everything that is'],
  [/\bshall\b/i, 'must; will'],
  [/\bgo(es)? by\b/i, 'use; depend on'],
  [/\blies\b/i, 'is'],
  [/\bis asked about\b/i, 'is matched; triggers'],
  [/\bits (line|word)\b/i, 'its connection; what it says'],
  [/\bwhat is \w+ is\b/i, 'a subject'],
  [/\bmeanwhile\b/i, 'in the meantime'],
]

const below = (folder: string, ending: RegExp): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => ending.test(name))
    .map(name => join(folder, name))

/** What people read of a source: its texts, and not its comments. */
function textsIn(source: string): string[] {
  const code = source.replace(/\/\*[^]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  const literals = [...code.matchAll(/'((?:\\.|[^'\\\n])*)'|`((?:\\.|[^`\\])*)`/g)].map(
    ([, one, other]) => one ?? other,
  )
  const shown = [...code.matchAll(/>([^<>{}=;]{4,})[<{]/g)].map(([, text]) => text)
  return [...literals, ...shown].flatMap(text => (text !== undefined && / /.test(text) ? [text] : []))
}

/** What people read who read the code. */
const commentsIn = (source: string): string[] => source.match(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm) ?? []

/** Those that a comment does not need either. */
const BANNED_IN_COMMENTS = BANNED.filter(([word]) => /anew|mend|who|whatever|shall|lies|meanwhile/.test(word.source))

const PAGES = ['README.md', 'host-stub/README.md', 'client/README.md', ...below('plugin', /\.md$/)]
const SOURCES = [
  ...below('plugin/web', /\.tsx?$/),
  ...below('client', /\.ts$/),
  ...below('plugin/contract/errors', /\.ts$/),
  'plugin/contract/problem.ts',
  'plugin/contract/rejection.ts',
]

const CODE = ['plugin', 'client', 'host-stub'].flatMap(folder => below(folder, /\.tsx?$/))

const wordsIn = (text: string, banned = BANNED): string[] =>
  banned.flatMap(([word, better]) => {
    const [found] = word.exec(text) ?? []
    return found === undefined ? [] : [`"${found}" (better: ${better}) in: ${text.trim().slice(0, 120)}`]
  })

describe('what people read says it in plain words', () => {
  it.each(PAGES)('%s', file => {
    expect(
      readFileSync(join(root, file), 'utf8')
        .split('\n')
        .flatMap(line => wordsIn(line)),
    ).toEqual([])
  })

  it.each(SOURCES)('the texts of %s', file => {
    expect(textsIn(readFileSync(join(root, file), 'utf8')).flatMap(text => wordsIn(text))).toEqual([])
  })

  it.each(CODE)('the comments of %s', file => {
    const comments = commentsIn(readFileSync(join(root, file), 'utf8'))
    expect(comments.flatMap(text => wordsIn(text, BANNED_IN_COMMENTS))).toEqual([])
  })

  it('the settings', () => {
    expect(
      readFileSync(join(root, 'manifest.json'), 'utf8')
        .split('\n')
        .flatMap(line => wordsIn(line)),
    ).toEqual([])
  })
})
