import type { Command } from './command/command.ts'
import { AGENTS } from './commands/agents.ts'
import { APPROVALS } from './commands/approvals.ts'
import { BINDINGS } from './commands/bindings.ts'
import { CONFIGURE } from './commands/configure.ts'
import { CONTACTS } from './commands/contacts.ts'
import { DOCTOR } from './commands/doctor.ts'
import { EXPLAIN } from './commands/explain.ts'
import { GROUPS } from './commands/groups.ts'
import { LOGS } from './commands/logs.ts'
import { LOOPS } from './commands/loops.ts'
import { MESSAGES } from './commands/messages.ts'
import { PAIR } from './commands/pair.ts'
import { PASSKEY } from './commands/passkey.ts'
import { POLICIES } from './commands/policies.ts'
import { RELOAD } from './commands/reload.ts'
import { SEND } from './commands/send.ts'
import { SENDS } from './commands/sends.ts'
import { STATUS } from './commands/status.ts'
import { TAIL } from './commands/tail.ts'
import { TAKEOVERS } from './commands/takeovers.ts'
import { TURNS } from './commands/turns.ts'
import { UNPAIR } from './commands/unpair.ts'

/** All commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  PAIR,
  PASSKEY,
  CONFIGURE,
  UNPAIR,
  RELOAD,
  STATUS,
  SEND,
  ...SENDS,
  TAIL,
  MESSAGES,
  ...TURNS,
  ...GROUPS,
  ...CONTACTS,
  ...TAKEOVERS,
  ...LOOPS,
  AGENTS,
  ...BINDINGS,
  EXPLAIN,
  ...APPROVALS,
  ...POLICIES,
  LOGS,
  DOCTOR,
]

/** The command whose name the words begin with; null if there is none. */
export function commandNamed(words: readonly string[]): Command | null {
  const begins = ({ name }: Command): boolean => name.split(' ').every((part, at) => words[at] === part)
  return COMMANDS.find(begins) ?? null
}

/** The commands of a group such as `bindings`; empty if the word names no group. */
export function commandsIn(group: string | undefined): readonly Command[] {
  return COMMANDS.filter(({ name }) => group !== undefined && name.startsWith(`${group} `))
}
