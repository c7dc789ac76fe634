import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../../..')
const plugin = join(root, 'plugin')

/** The folders that the tree names, each as a path, with what it says of them. */
function treeIn(readme: string): Map<string, string> {
  const rows = [...readme.matchAll(/^( +)([a-z-]+)\/ +(\S.*)$/gm)]
  const folders = new Map<string, string>()
  let parent = ''
  for (const [, indent = '', name = '', says = ''] of rows) {
    const path = indent.length > 2 ? join(parent, name) : (parent = name)
    folders.set(path, says)
  }
  return folders
}

/** Folders of code, one level deep, and two levels where a folder is one of several parts. */
function foldersOf(): string[] {
  const below = (path: string): string[] =>
    readdirSync(join(plugin, path), { withFileTypes: true }).flatMap(entry =>
      entry.isDirectory() ? join(path, entry.name) : [],
    )
  return below('').flatMap(folder => [folder, ...(folder === 'web' ? [] : below(folder))])
}

it('the tree in plugin/README.md has one line for each folder that there is, and no other', () => {
  const tree = treeIn(readFileSync(join(plugin, 'README.md'), 'utf8'))
  expect([...tree.keys()].toSorted()).toEqual(foldersOf().toSorted())
})

it.each([
  ['host-stub/README.md', 'host-stub/whatsapp'],
  ['plugin/web/README.md', 'plugin/web'],
  ['client/README.md', 'client'],
])('the tree in %s has one line for each folder of %s, and no other', (readme, place) => {
  const tree = treeIn(readFileSync(join(root, readme), 'utf8'))
  const names = readdirSync(join(root, place), { withFileTypes: true }).flatMap(each =>
    each.isDirectory() ? each.name : [],
  )
  expect([...tree.keys()].toSorted()).toEqual(names.toSorted())
})
