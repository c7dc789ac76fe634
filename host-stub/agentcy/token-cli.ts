#!/usr/bin/env node
import { parseArgs } from 'node:util'

import type { Role } from '../../plugin/contract/role.ts'
import { prepareFolder, StartRefused } from './private-folder.ts'
import { homeFrom } from './running-host.ts'
import { ROLES } from './token-records.ts'
import { hasEnded, openTokens, type Tokens } from './tokens.ts'

const HELP = `Mints, lists and revokes the bearer tokens of this host.

  npm run token -- --org <org> --role <${ROLES.join('|')}> [--user usr_…]
  npm run token -- --list
  npm run token -- --revoke <id>

A token is shown once and kept as a hash below AGENTCY_HOME (~/.agentcy unless set). A running host heeds all three at once.
The list shows pages that a link has signed in as well, each with its end.
`

const OPTIONS = {
  org: { type: 'string' },
  role: { type: 'string' },
  user: { type: 'string' },
  list: { type: 'boolean' },
  revoke: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

/** The parsed options of `parseArgs`. */
type Asked = { org?: string; role?: string; user?: string; list?: boolean; revoke?: string; help?: boolean }

const say = (text: string): void => void process.stdout.write(`${text}\n`)

function mint(tokens: Tokens, { org, role: given, user }: Asked): void {
  const role: Role | undefined = ROLES.find(known => known === given)
  if (org === undefined || role === undefined) {
    throw new StartRefused(`Give --org <org> and --role <${ROLES.join('|')}>; --help says more.`)
  }
  const { token, record } = tokens.mint({ org, role, user })
  process.stderr.write(`${record.id}: ${role} of ${org}, ${record.user}. This is the only time the token is shown:\n`)
  say(token)
}

function list(tokens: Tokens): void {
  const now = Date.now()
  for (const record of tokens.list()) {
    const { id, org, role, user, created_at: createdAt, expires_at: end } = record
    const until = end === undefined ? [] : [`${hasEnded(record, now) ? 'ended' : 'until'} ${end}`]
    say([id, org, role.padEnd(6), user, createdAt, ...until].join('  '))
  }
}

function revoke(tokens: Tokens, id: string): void {
  if (!tokens.revoke(id)) throw new StartRefused('There is no token of that id; --list shows them.')
  say('revoked')
}

function run(asked: Asked): void {
  if (asked.help === true) {
    say(HELP.trimEnd())
    return
  }
  const home = homeFrom(process.env)
  prepareFolder(home)
  const tokens = openTokens(home)
  if (asked.list === true) list(tokens)
  else if (asked.revoke !== undefined) revoke(tokens, asked.revoke)
  else mint(tokens, asked)
}

process.umask(0o077)
try {
  run(parseArgs({ options: OPTIONS }).values)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
