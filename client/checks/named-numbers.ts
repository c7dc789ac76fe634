import type { WireBinding } from '../../plugin/contract/api/bindings.ts'
import type { WireChannel } from '../../plugin/contract/api/channels.ts'
import { fine, type Finding, wrong } from './finding.ts'

const CHECK = 'named numbers'
const SHOWN_MOST = 5

/** Checks that WhatsApp has resolved every number that the settings or bindings name. Returns nothing if they name none. */
export function checkNamedNumbers(channels: readonly WireChannel[], bindings: readonly WireBinding[]): Finding[] {
  const inSettings = channels.flatMap(({ named_numbers }) => named_numbers)
  const inRules = (keys: 'not_known_yet' | 'not_on_whatsapp') =>
    bindings.flatMap(binding => binding[keys]?.map(key => binding.match_rule[key] ?? '') ?? [])
  const numbersOf = (exists: boolean | null) =>
    inSettings.filter(each => each.exists === exists).map(each => each.number)
  const unknown = [...new Set([...numbersOf(null), ...inRules('not_known_yet')])]
  const absent = [...new Set([...numbersOf(false), ...inRules('not_on_whatsapp')])]
  if (unknown.length > 0) {
    const todo =
      'Wait: numbers are looked up while an account is connected, a few an hour. Until then exactly these numbers match.'
    return [wrong(CHECK, `Not looked up on WhatsApp yet: ${listed(unknown)}.`, todo)]
  }
  if (absent.length > 0) {
    const todo = 'Correct them in "roles", "approvers" or the bindings that name them.'
    return [wrong(CHECK, `Not on WhatsApp: ${listed(absent)}.`, todo)]
  }
  return inSettings.length === 0 ? [] : [fine(CHECK, 'All numbers in settings and bindings are on WhatsApp.')]
}

function listed(numbers: readonly string[]): string {
  const more = numbers.length - SHOWN_MOST
  return `${numbers.slice(0, SHOWN_MOST).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
