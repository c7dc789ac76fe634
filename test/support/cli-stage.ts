import { runCommandLine } from '../../client/command-line.ts'
import type { Role } from '../../plugin/contract/role.ts'
import { KEY_A, ORG_A, serveApi, tokenOf } from './api.ts'
import { createMemoryOperations, type OwnOperations } from './operations.ts'
import { createScreen } from './screen.ts'

/** What a story of the command line begins with. */
export type CliScene = {
  readonly operations?: OwnOperations
  readonly role?: Role
  readonly isTTY?: boolean
  /** What is typed or piped in. */
  readonly input?: string
}

/** The command line at a host that has one account, and some operations of the story's own. */
export async function openCli({ operations: own = {}, role = 'owner', isTTY = false, input = '' }: CliScene = {}) {
  const operations = createMemoryOperations(own)
  await operations.accounts.configure(KEY_A, { fields: {} })
  const served = await serveApi({ operations })
  const environment = { AGENTCY_URL: served.url, AGENTCY_TOKEN: tokenOf(ORG_A, role) }
  const screen = createScreen(environment, { isTTY, input })
  return {
    operations,
    screen,
    run: (...argv: string[]) => runCommandLine(argv, screen.terminal),
    /** What a command prints that ends by itself, and its status. */
    async told(...argv: string[]) {
      screen.written.out = ''
      screen.written.err = ''
      const status = await runCommandLine(argv, screen.terminal)
      return { status, ...screen.written }
    },
    [Symbol.asyncDispose]: () => served[Symbol.asyncDispose](),
  }
}
