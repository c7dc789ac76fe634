import { ENDLESS } from '../../support/endless-policy.ts'
import { oneOf, type Draw } from '../../support/drawing.ts'
import { PLAIN, WAYS, written } from '../../support/schema-references.ts'
import { longPolicy } from '../../support/worst-inputs.ts'
import { outcomeOf, type Arena, type Deed, type Outcome, type Row } from './arena.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const REGO_LETTERS = 900_000
const RULES = 2_000
const HUNGRY = `package agentcy.hungry

deny[sprintf("%0400000000d", [1])] { input.action == "channel.schema" }
`
const OPEN = 'package agentcy.whatsapp\n\ndeny["x"] { false }\n'

/** Policies that come to no end, take all memory, are as long as they may be, or name something of this machine. */
const policiesOf = ({ canary: { port, file } }: Arena): Readonly<Record<string, (draw: Draw) => string>> => {
  const address = `http://127.0.0.1:${port}/latest/meta-data`
  const fetched = `http.send({"method": "get", "url": "${address}"})`
  return {
    'one that never ends': () => ENDLESS,
    'one that takes all memory': () => HUNGRY,
    [`one of ${REGO_LETTERS} letters and ${RULES} rules`]: () => longPolicy(REGO_LETTERS, RULES),
    'one of any length': draw => longPolicy(1 + draw(REGO_LETTERS), draw(RULES)),
    'one that names an address': draw => written(oneOf(draw, WAYS)[1], address, 'shop'),
    'one that names a file': draw => written(oneOf(draw, WAYS)[1], `file://${file}`, 'shop'),
    'one that names a part of a file': () => written(PLAIN, `file://${file}#/whatsapp/nokey`, 'shop'),
    'one that fetches': () => `package agentcy.net\n\ndeny[m] { m := ${fetched}.raw_body }\n`,
    'one that breaks off': () => 'package agentcy.broken\n\ndeny[x] {',
  }
}

/** Any of them. */
export function policies(arena: Arena): Deed {
  const rows = policyRows(arena)
  return draw => oneOf(draw, rows).deed(draw)
}

export const policyRows = (arena: Arena): Row[] =>
  Object.entries(policiesOf(arena)).map(([name, source]) => ({ kind: 'policy', name, deed: put(arena, source) }))

/** Puts one, has it asked about by everything that org B does, and by the call that it is slow about; then it is taken back. */
function put({ request, admins, owner }: Arena, source: (draw: Draw) => string): Deed {
  return async draw => {
    const token = oneOf(draw, admins)
    const keep = (kept: string, by: string) =>
      request('/api/v1/policies/shop', {
        method: 'PUT',
        token: by,
        headers: JSON_TYPE,
        body: JSON.stringify({ source: kept }),
      })
    const { status } = await keep(source(draw), token)
    for (let times = 0; times < 3; times += 1) await request('/api/v1/channels/whatsapp/schema', { token })
    // One that was suspended denies everything to all but the owner.
    await keep(OPEN, owner)
    return outcomeOf(status)
  }
}

/** The worst of what may be kept as patterns: many ways to fail, as often as they may be repeated. */
const PATTERNS = [
  '(x+x+)+y$',
  '(x|x|x)*$',
  '(.*.*)*=y$',
  'a.{100,400}[c-z]$',
  '(a?){80}a{80}',
  '([a-z]+)+[0-9]$',
  '(?i)(\\pL+\\s?)+!$',
  '^(([a-y])+.)+z$',
  '(',
  'x'.repeat(512),
]
/** Of what there is a start in each letter, and an end in none. */
const SEARCHED = ['x', 'a', 'ab', 'a b', '=', 'é']
const SEARCHED_LETTERS = 65_536

/** Any of them. */
export function patterns(arena: Arena): Deed {
  const rows = patternRows(arena)
  return draw => oneOf(draw, rows).deed(draw)
}

export function patternRows(arena: Arena): Row[] {
  const kept: string[] = []
  return PATTERNS.map(pattern => ({ kind: 'pattern', name: shortened(pattern), deed: bind(arena, pattern, kept) }))
}

const shortened = (pattern: string): string =>
  pattern.length > 40 ? `${pattern.slice(0, 10)}… (${pattern.length} letters)` : pattern

/** Keeps a pattern, has it explained with a long text, and deletes it, but not always. */
function bind({ request, admins }: Arena, pattern: string, kept: string[]): Deed {
  return async draw => {
    const token = oneOf(draw, admins)
    const say = (path: string, body: unknown) =>
      request(path, { method: 'POST', token, headers: JSON_TYPE, body: JSON.stringify(body) })
    const rule = { agent: 'echo', match_rule: { text_regex: pattern } }
    const { status, text } = await say('/api/v1/bindings', rule)
    if (status === 201) kept.push((JSON.parse(text) as { id: string }).id)
    const letters = oneOf(draw, SEARCHED)
    const message = { from: '+972520000001', text: letters.repeat(SEARCHED_LETTERS / letters.length) }
    await say('/api/v1/bindings/explain', { message })
    const old = kept.length > draw(40) ? kept.shift() : undefined
    if (old !== undefined) await request(`/api/v1/bindings/${old}`, { method: 'DELETE', token })
    return outcomeOf(status)
  }
}

export function reloads({ request, admins }: Arena): Deed {
  return async (draw): Promise<Outcome> => {
    const { status } = await request('/api/v1/channels/reload', { method: 'POST', token: oneOf(draw, admins) })
    return outcomeOf(status)
  }
}
