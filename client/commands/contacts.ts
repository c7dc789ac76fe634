import type { WireContact } from '../../plugin/contract/api/contacts.ts'
import { show } from '../command/answer.ts'
import { inColumns } from '../terminal/columns.ts'
import type { Command, HostCall } from '../command/command.ts'
import { refusalIn } from '../command/refusal.ts'
import { EXIT, type ExitCode } from '../terminal/terminal.ts'

const wordsOf = ({ exists, address, number }: WireContact): string => {
  if (!exists) return 'is not on WhatsApp'
  return address === number ? 'is on WhatsApp' : `is on WhatsApp as ${address ?? ''}`
}

/**
 * Prints what a refused check already found out: numbers that cannot be looked up now cause the refusal, and the refusal lists the
 * known results of the others.
 */
function showKnown({ terminal, options, words }: HostCall, thrown: unknown): void {
  if (options.json === true) return
  const known = refusalIn(thrown)?.known ?? []
  const rows = known.map(({ position, exists }) => [
    words[position] ?? '',
    exists ? 'is on WhatsApp' : 'is not on WhatsApp',
  ])
  for (const line of inColumns(rows)) terminal.out.write(`${line}\n`)
}

async function check(call: HostCall): Promise<ExitCode> {
  const { account } = call.options
  const asked = { numbers: [...call.words], ...(account !== undefined && { account }) }
  const answer = await call.client.contacts.check.mutate(asked).catch((thrown: unknown) => {
    showKnown(call, thrown)
    throw thrown
  })
  show(call, answer, ({ contacts }) => inColumns(contacts.map(each => [each.number, wordsOf(each)])))
  return answer.contacts.every(({ exists }) => exists) ? EXIT.done : EXIT.failed
}

/** The command to check which numbers are on WhatsApp. */
export const CONTACTS: readonly Command[] = [
  {
    name: 'contacts check',
    parameters: ['<number>…'],
    summary: 'shows which numbers are on WhatsApp, and their spelling there',
    options: { account: 'the account that looks them up, if not "default"' },
    examples: ['contacts check +447400100001 +5511987654321'],
    place: 'host',
    run: check,
  },
]
