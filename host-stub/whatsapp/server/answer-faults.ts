import { decodeBinaryNode } from '@whiskeysockets/baileys'
import type { Companion } from '../world/accounts.ts'
import type { ParsedOf } from '../contract/control-contract.ts'
import { count } from '../world/ledger.ts'
import { phoneNamed } from '../contract/named-phone.ts'
import { attribute, child, children, type Stanza } from '../wire/stanza.ts'
import type { World } from '../world/world.ts'

/** Placeholder for the id of the answered query. */
const ID = '#'

export async function planAnswers(world: World, request: ParsedOf<'faults/answers'>): Promise<Record<string, never>> {
  const { name, asked, answers, held } = request
  const planned = answers.map(async frames => {
    const stanzas = frames.map(each => stanzaOf(each))
    return { asked, held, stanzas: await Promise.all(stanzas) }
  })
  phoneNamed(world, name).faults.answers.push(...(await Promise.all(planned)))
  return {}
}

const stanzaOf = async (frame: string): Promise<'right' | Stanza> =>
  frame === 'right' ? frame : decodeBinaryNode(Buffer.from(frame, 'base64'))

export function releaseAnswers(world: World, { name }: ParsedOf<'faults/release_answers'>): { released: number } {
  const held = phoneNamed(world, name).faults.heldAnswers.splice(0)
  for (const write of held) write()
  return { released: held.length }
}

/** What a query asks for: its namespace and the tag of its first child; for `usync` the protocols. */
export function askedIn(query: Stanza): string {
  const first = child(query)
  const named = first?.tag === 'usync' ? children(child(first, 'query')) : first ? [first] : []
  return [attribute(query, 'xmlns') ?? 'none', named.map(({ tag }) => tag).join('+')].join(' ')
}

/** Answers a query as planned. Returns false if no answer was planned for it. */
export function answersAsPlanned(
  { ledger }: World,
  companion: Companion,
  { query, right }: { query: Stanza; right: Stanza },
): boolean {
  const { account, connection } = companion
  const asked = askedIn(query)
  const at = account.faults.answers.findIndex(planned => planned.asked === asked)
  const [planned] = at < 0 ? [] : account.faults.answers.splice(at, 1)
  if (!planned) return false
  const write = (): void => {
    for (const each of planned.stanzas) connection?.send(each === 'right' ? right : addressed(each, query))
  }
  if (planned.held) account.faults.heldAnswers.push(write)
  else write()
  ledger.write(page => count(page.answered_as_planned, asked))
  return true
}

function addressed(answer: Stanza, query: Stanza): Stanza {
  return answer.attrs['id'] === ID ? { ...answer, attrs: { ...answer.attrs, id: query.attrs['id'] ?? '' } } : answer
}
