import { ENDLESS } from '../../support/endless-policy.ts'
import { oneOf, type Draw } from '../../support/drawing.ts'
import { PLAIN, WAYS, written } from '../../support/schema-references.ts'
import { longPolicy } from '../../support/worst-inputs.ts'
import { outcomeOf, type Arena, type Deed, type Outcome } from './arena.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const REGO_LETTERS = 900_000
const RULES = 2_000
const HUNGRY = `package agentcy.hungry

deny[sprintf("%0400000000d", [1])] { input.action == "channel.schema" }
`
const OPEN = 'package agentcy.whatsapp\n\ndeny["x"] { false }\n'

/** Policies that come to no end, take all memory, are as long as they may be, or name something of this machine. */
const policiesOf = ({ canary: { port, file } }: Arena): readonly ((draw: Draw) => string)[] => {
  const address = `http://127.0.0.1:${port}/latest/meta-data`
  return [
    () => ENDLESS,
    () => HUNGRY,
    () => longPolicy(REGO_LETTERS, RULES),
    draw => longPolicy(1 + draw(REGO_LETTERS), draw(RULES)),
    draw => written(oneOf(draw, WAYS)[1], address, 'shop'),
    draw => written(oneOf(draw, WAYS)[1], `file://${file}`, 'shop'),
    () => written(PLAIN, `file://${file}#/whatsapp/nokey`, 'shop'),
    () => `package agentcy.net\n\ndeny[m] { m := http.send({"method": "get", "url": "${address}"}).raw_body }\n`,
    () => 'package agentcy.broken\n\ndeny[x] {',
  ]
}

/** Puts one, has it asked about by everything that org B does, and by the call that it is slow about; then it is taken back. */
export function policies(arena: Arena): Deed {
  const { request, admins, owner } = arena
  const sources = policiesOf(arena)
  return async draw => {
    const token = oneOf(draw, admins)
    const put = (source: string, by: string) =>
      request('/api/v1/policies/shop', {
        method: 'PUT',
        token: by,
        headers: JSON_TYPE,
        body: JSON.stringify({ source }),
      })
    const { status } = await put(oneOf(draw, sources)(draw), token)
    for (let times = 0; times < 3; times += 1) await request('/api/v1/channels/whatsapp/schema', { token })
    // One that was suspended denies everything to all but the owner.
    await put(OPEN, owner)
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

/** Keeps a pattern, has it explained with a long text, and deletes it, but not always. */
export function patterns({ request, admins }: Arena): Deed {
  const kept: string[] = []
  return async draw => {
    const token = oneOf(draw, admins)
    const say = (path: string, body: unknown) =>
      request(path, { method: 'POST', token, headers: JSON_TYPE, body: JSON.stringify(body) })
    const rule = { agent: 'echo', match_rule: { text_regex: oneOf(draw, PATTERNS) } }
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
