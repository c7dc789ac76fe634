import type { WireGroup, WireGroupSummary } from '../../plugin/contract/api/groups.ts'
import { show } from '../command/answer.ts'
import { inColumns } from '../terminal/columns.ts'
import type { Command, HostCall } from '../command/command.ts'
import { EXIT, type ExitCode } from '../terminal/terminal.ts'

const HEADING = ['id', 'members', 'subject']

const rowOf = ({ id, size, subject }: WireGroupSummary): string[] => [id, String(size), subject]

const askedOf = ({ options: { account } }: HostCall) => (account === undefined ? {} : { account })

async function list(call: HostCall): Promise<ExitCode> {
  show(call, await call.client.whatsapp.groups.list.query(askedOf(call)), ({ groups }) =>
    groups.length === 0 ? ['There are none.'] : inColumns([HEADING, ...groups.map(rowOf)]),
  )
  return EXIT.done
}

function linesOf({ id, subject, size, description, members }: WireGroup): string[] {
  const people = members.map(({ address, admin }) => [address, admin ? 'admin' : ''])
  return [
    subject,
    `${id} · ${size} member${size === 1 ? '' : 's'}`,
    ...(description === '' ? [] : [description]),
    '',
    ...inColumns(people),
  ]
}

async function get(call: HostCall): Promise<ExitCode> {
  const [id = ''] = call.words
  show(call, await call.client.whatsapp.groups.get.query({ id, ...askedOf(call) }), linesOf)
  return EXIT.done
}

const account = 'the account, if not "default"'

/** The commands to list and show the groups of a linked number. */
export const GROUPS: readonly Command[] = [
  {
    name: 'groups list',
    parameters: [],
    summary: 'lists the groups that the number is in',
    options: { account },
    examples: ['groups list', 'groups list --account sales'],
    place: 'host',
    run: list,
  },
  {
    name: 'groups show',
    parameters: ['<group>'],
    summary: 'shows the name, the description and the members of a group',
    options: { account },
    examples: ['groups show 120363000000000001@g.us'],
    place: 'host',
    run: get,
  },
]
