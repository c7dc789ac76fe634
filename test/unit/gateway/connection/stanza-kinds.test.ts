import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BinaryNode } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'

import type { GroupCharacter, PhoneCharacter } from '../../../support/network.ts'
import { pairingKinds } from '../../../support/pairing-kinds.ts'
import { STANZA_KINDS } from '../../../support/stanza-kinds.ts'

/** What they read are answers to what they asked: a server's stanza never comes there, and their own tests malform them. */
const ANSWERS = new Set([
  'contact-lookup.ts',
  'device-answers.ts',
  'pre-key-bundles.ts',
  'media-connection.ts',
  'network-check.ts',
])
/** The sets and tables of names that are looked up, not compared. */
const TABLES = ['CHANGES', 'HARMLESS', 'CALLS', 'ANSWERED']
/** What else has a type here: the keys of a login. */
const KEYS = new Set(['session', 'sender-key', 'app-state-sync-key'])
const FOLDER = fileURLToPath(new URL('../../../../plugin/gateway', import.meta.url))
const BAILEYS = join(dirname(createRequire(import.meta.url).resolve('@whiskeysockets/baileys')), 'Socket')

const textsIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => /\.[jt]s$/.test(name) && !ANSWERS.has(basename(name)))
    .map(name => readFileSync(join(folder, name), 'utf8'))
const found = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, name = '']) => name)
const own = textsIn(FOLDER).join('\n')

const phone = { phone: '+972500000001', lid: '111111111111111' } as PhoneCharacter
const scene = { owner: phone, alice: phone, group: { id: '120363000000000001@g.us' } as GroupCharacter }
const withChildren = (node: BinaryNode): BinaryNode[] => [
  node,
  ...(Array.isArray(node.content) ? node.content.flatMap(withChildren) : []),
]
const kinds = [
  ...Object.values(STANZA_KINDS).flatMap(({ kindsOf }) => Object.values(kindsOf(scene))),
  ...Object.values(pairingKinds()),
]
const elements = kinds.flatMap(withChildren)
const tags = new Set(elements.map(({ tag }) => tag))
const attributes = new Set(elements.flatMap(({ attrs }) => Object.keys(attrs)))
const values = new Set(elements.flatMap(({ attrs }) => Object.values(attrs)))

/** `tag,name:value,child` of a listener; any part but the first may be missing. */
function isHeard(event: string): boolean {
  const [tag, attribute = '', child] = event.split(',')
  const [name = '', value] = attribute.split(':')
  return kinds.some(({ tag: given, attrs, content }) => {
    if (given !== tag || (name !== '' && value !== undefined && attrs[name] !== value)) return false
    return child === undefined || (Array.isArray(content) && content[0]?.tag === child)
  })
}

it('every stanza that the gateway or Baileys listens for is malformed', () => {
  const heard = found([own, ...textsIn(BAILEYS)].join('\n'), /'CB:([a-z][^'`$]*)'/g)
  expect(heard.length).toBeGreaterThan(20)
  expect([...new Set(heard)].filter(event => !isHeard(event))).toEqual([])
})

it('every tag that the gateway reads of what a server writes stands in one of them', () => {
  const compared = found(own, /\btag [!=]== '([^']+)'/g)
  const asked = found(own, /(?:getBinaryNodeChild|getBinaryNodeChildren|childOf)\([^'\n]*'([^']+)'\)/g)
  const looked = TABLES.flatMap(name => {
    const [table] = found(own, new RegExp(`\\bconst ${name}\\b[^=]*= ((?:new Set\\(\\[|\\{)[^\\]}]*)`, 'g'))
    const names = found(table ?? '', name === 'CHANGES' ? /^\s+(\w+):/gm : /'([^']+)'/g)
    expect([name, names.length > 1]).toEqual([name, true])
    return names
  })
  const read = new Set([...compared, ...asked, ...looked])
  expect(read.size).toBeGreaterThan(35)
  expect([...read].filter(tag => !tags.has(tag))).toEqual([])
})

it('every attribute that the gateway reads there is one that is made malformed, and so is every type that it tells apart', () => {
  const read = new Set(found(own, /\battrs\??\.?\['([^']+)'\]/g))
  expect(read.size).toBeGreaterThan(20)
  expect([...read].filter(name => !attributes.has(name))).toEqual([])
  const told = new Set(found(own, /\b(?:attrs\['type'\]|type) [!=]== '([^']+)'/g))
  expect(told.size).toBeGreaterThan(5)
  expect([...told].filter(type => !values.has(type) && !KEYS.has(type))).toEqual([])
})
