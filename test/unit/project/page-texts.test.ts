import { readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'

import { transformSync } from 'esbuild'
import { expect, it } from 'vitest'

import { filesBelow } from '../../support/files-below.ts'

const WEB = resolve(import.meta.dirname, '../../../plugin/web')
const LITERAL = /(?:(?<key>[\w-]+|"[\w-]+"): )?(?<text>"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`)/g
/** Attributes that browsers read, and people do not. */
const FOR_BROWSERS =
  /^"?(?:class|href|id|type|name|role|d|viewBox|style|key|for|autocomplete|rel|target|accept|inputmode|pattern|points|transform|authorization)"?$/
/** Attributes, and children, that people read even if they are one word. */
const FOR_PEOPLE = /^"?(?:children|label|title|placeholder|aria-label|alt|hint|heading)"?$/
/** A key of the keyboard, classes that no style names, outcomes as the API names them, the beginning of a policy in Rego, and what only a programmer reads. */
const NO_TEXT =
  /^(?:Escape|ignored: (?:own|resume)|package .*|nobody is signed in|binding (?:lifted|drop-[a-z]+))$|_|^https:/s

const CLASSES = new Set(
  [...readFileSync(join(WEB, 'page.css'), 'utf8').matchAll(/\.([a-z][\w-]*)/g)].map(([, name]) => name),
)
const isClasses = (said: string): boolean => said.split(' ').every(word => word === '…' || CLASSES.has(word))

function isText(said: string, key: string): boolean {
  if (FOR_BROWSERS.test(key) || NO_TEXT.test(said) || isClasses(said)) return false
  if (/(?:\p{L}{2,}[,:;.]? [\p{L}“(…]|… \p{L}{3,})/u.test(said) || /^\p{Lu}\p{Ll}/u.test(said)) return true
  return FOR_PEOPLE.test(key) && /\p{L}{2}/u.test(said)
}

/** The strings of a component that people read, or that look so: sentences, words with a capital, one word in a label. */
function textsIn(component: string): string[] {
  const { code } = transformSync(component, {
    loader: 'tsx',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    charset: 'utf8',
  })
  const body = code.replaceAll(/^import .*$/gm, '')
  return [...body.matchAll(LITERAL)].flatMap(({ groups }) => {
    const said = (groups?.['text'] ?? '').slice(1, -1).replaceAll(/\$\{[^}]*\}/g, '…')
    return isText(said, groups?.['key'] ?? '') ? [said] : []
  })
}

it('finds what people read in a component', () => {
  const component = `const A = ({ x, y }) =>
    <p class="quiet note" title="seen">Read me{y ? 'It is so.' : \`\${x} are left\`}<b id="Some id">on</b></p>`
  expect(textsIn(component)).toEqual(['seen', 'Read me', 'It is so.', '… are left', 'on'])
})

it('all texts of the page stand in one folder', () => {
  const components = filesBelow(WEB).filter(path => /\.tsx?$/.test(path) && !path.startsWith(join(WEB, 'texts')))
  expect(components.length).toBeGreaterThan(80)
  const left = components.flatMap(path =>
    textsIn(readFileSync(path, 'utf8')).map(said => `${relative(WEB, path)}: ${said}`),
  )
  expect(left).toEqual([])
})
