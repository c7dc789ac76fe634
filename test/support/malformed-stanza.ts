import type { BinaryNode } from '@whiskeysockets/baileys'
import * as fc from 'fast-check'

/** A stanza that no server would write, and what was done to a good one to make it. */
export type Malformed = { readonly stanza: BinaryNode; readonly how: string }

/** Where in a stanza: the numbers of the children on the way down. */
type Place = readonly number[]
type Change = { readonly place: Place; readonly how: string; readonly of: (node: BinaryNode) => BinaryNode[] }

const LONG = 5_000
const VERY_LONG = 70_000
const DEEP = 300

/** What may stand where a number, a name, an address or a date is expected. */
const VALUES: Readonly<Record<string, string>> = {
  empty: '',
  long: 'x'.repeat(LONG),
  'very long': '7'.repeat(VERY_LONG),
  words: 'not a number',
  negative: '-1',
  zero: '0',
  fraction: '0.5',
  'beyond a long': '99999999999999999999',
  'beyond a double': '1e400',
  'no number': 'NaN',
  control: '\u0000\u0007\u001b[31m\r\n',
  turned: '\u202e\u2066\ud800',
  prototype: '__proto__',
  constructor: 'constructor',
  climbing: '../../../etc/passwd',
  json: '{"a":{"b":[]}}',
  'no user': '@s.whatsapp.net',
  'no server': '12345@',
  'another server': '12345@example.com',
  'a device beyond': '12345:99999@lid',
  'a group': '120363000000000000@g.us',
  'a status': 'status@broadcast',
  'a newsletter': '120363000000000000@newsletter',
  'a hosted one': '12345:99@hosted.lid',
}

const attributeValue = fc.constantFrom(...Object.entries(VALUES))

const NAMES = [
  'id',
  'from',
  'to',
  'participant',
  'type',
  'class',
  't',
  'xmlns',
  'offline',
  'count',
  'error',
  'recipient',
]
const TAGS = [
  'enc',
  'ack',
  'iq',
  'message',
  'item',
  'error',
  'participant',
  'no-such-tag',
  '__proto__',
  'x'.repeat(LONG),
]

const nested = (depth: number): BinaryNode => {
  let node: BinaryNode = { tag: 'item', attrs: {} }
  for (let level = 0; level < depth; level += 1) node = { tag: 'item', attrs: {}, content: [node] }
  return node
}

type Content = { readonly name: string; readonly content: NonNullable<BinaryNode['content']> | null }

const contentChange: fc.Arbitrary<Content> = fc.oneof(
  fc.constantFrom<Content>(
    { name: 'no content', content: null },
    { name: 'no children', content: [] },
    { name: 'no bytes', content: Buffer.alloc(0) },
    { name: 'a text', content: 'true' },
    { name: 'a text of null', content: Buffer.from('null') },
    { name: 'half of a JSON', content: Buffer.from('{"data":{') },
    { name: 'a deep JSON', content: Buffer.from(`${'['.repeat(LONG)}`) },
    { name: 'much', content: Buffer.alloc(VERY_LONG, 7) },
    { name: 'deep nesting', content: [nested(DEEP)] },
    { name: 'another child', content: [{ tag: 'no-such-tag', attrs: { id: '1' } }] },
  ),
  fc.uint8Array({ maxLength: 200 }).map(bytes => ({ name: 'other bytes', content: Buffer.from(bytes) })),
)

/** Every element of a stanza, from the outermost in. */
function placesOf(node: BinaryNode, place: Place = []): { place: Place; node: BinaryNode }[] {
  const children = Array.isArray(node.content) ? node.content : []
  return [{ place, node }, ...children.flatMap((child, index) => placesOf(child, [...place, index]))]
}

function changeOf({ place, node }: { place: Place; node: BinaryNode }): fc.Arbitrary<Change> {
  const names = Object.keys(node.attrs)
  const at = `${node.tag}${place.length === 0 ? '' : ` (${place.join('.')})`}`
  const change = (how: string, of: Change['of']): Change => ({ place, how: `${at}: ${how}`, of })
  const withAttributes = (attrs: BinaryNode['attrs']) => (old: BinaryNode) => [
    { ...old, attrs: { ...old.attrs, ...attrs } },
  ]
  const isInner = place.length > 0
  return fc.oneof(
    ...(names.length > 0
      ? [
          fc
            .constantFrom(...names)
            .map(name => change(`no ${name}`, old => [{ ...old, attrs: without(old.attrs, name) }])),
          fc
            .tuple(fc.constantFrom(...names), attributeValue)
            .map(([name, [what, value]]) => change(`${name} is ${what}`, withAttributes({ [name]: value }))),
        ]
      : []),
    fc
      .tuple(fc.constantFrom(...NAMES), attributeValue)
      .map(([name, [what, value]]) => change(`${name} is ${what}`, withAttributes({ [name]: value }))),
    contentChange.map(({ name, content }) =>
      change(name, ({ tag, attrs }) => [content === null ? { tag, attrs } : { tag, attrs, content }]),
    ),
    ...(isInner
      ? [
          fc.constantFrom(...TAGS).map(tag => change(`its tag is ${tag.slice(0, 20)}`, old => [{ ...old, tag }])),
          fc.constant(change('missing', () => [])),
          fc
            .integer({ min: 2, max: 40 })
            .map(times => change(`${times} of it`, old => Array(times).fill(old) as BinaryNode[])),
        ]
      : [fc.constant(change('no attributes', old => [{ ...old, attrs: {} }]))]),
  )
}

function without(attrs: BinaryNode['attrs'], name: string): BinaryNode['attrs'] {
  const { [name]: _left, ...rest } = attrs
  return rest
}

function changed(node: BinaryNode, { place, of }: Change): BinaryNode {
  const within = (each: BinaryNode, left: Place): BinaryNode[] => {
    const [index, ...rest] = left
    if (index === undefined) return of(each)
    if (!Array.isArray(each.content)) return [each]
    return [{ ...each, content: each.content.flatMap((child, at) => (at === index ? within(child, rest) : [child])) }]
  }
  return within(node, place)[0] ?? node
}

/**
 * Stanzas of a kind with one to three things wrong with them: missing, empty, long, of another kind or type, doubled, nested. The
 * outermost tag stays, so that it is still that kind; what is wrong is in `how`.
 */
export function malformed(good: BinaryNode): fc.Arbitrary<Malformed> {
  const one = fc.constantFrom(...placesOf(good)).chain(changeOf)
  return fc.array(one, { minLength: 1, maxLength: 3 }).map(changes => ({
    stanza: changes.reduce(changed, good),
    how: changes.map(({ how }) => how).join('; '),
  }))
}

/**
 * So many of them, the same for the same seed. Each that has an id has another one, as the server's stanzas do: with `named` at its
 * beginning.
 */
export function malformedOnes(
  good: BinaryNode,
  count: number,
  { seed, named = String(seed) }: { readonly seed: number; readonly named?: string },
): Malformed[] {
  const samples = fc.sample(malformed(good), { numRuns: count, seed })
  return samples.map(({ stanza, how }, index) => ({ stanza: numbered(stanza, good, `${named}F${index}`), how }))
}

function numbered(stanza: BinaryNode, good: BinaryNode, id: string): BinaryNode {
  const hasGoodId = stanza.attrs['id'] !== undefined && stanza.attrs['id'] === good.attrs['id']
  return hasGoodId ? { ...stanza, attrs: { ...stanza.attrs, id } } : stanza
}
