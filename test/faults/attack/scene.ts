import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import type { PhoneCharacter } from '../../support/network.ts'
import { link, startStory, type Story } from '../../support/story.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { startAssault, type Assault } from './assault.ts'
import type { Played } from './assault-contract.ts'
import { setTraps, type Traps } from './traps.ts'
import { victim, type Victim } from './victim.ts'
import { TO_MODEL } from './writers.ts'

const ADMINS = 3
/** What an org has by itself on a host that is paced, which this one is not: org A writes more than a person would. */
const BUDGETS = { per_sender_minute: 20, per_chat_minute: 60, per_account_minute: 600 }
const SETTINGS = { whatsapp: { orgs: { org_b: { budgets: BUDGETS } } } }

export type Scene = {
  readonly story: Story
  readonly assault: Assault
  readonly traps: Traps
  readonly echo: Victim
  readonly theirs: PhoneCharacter
  readonly ours: PhoneCharacter
}

/** Two orgs, each with a number, on one host; org A has the echo agent, org B all that it wants. */
async function settle({ story, assault, traps }: Omit<Scene, 'echo' | 'theirs' | 'ours'>): Promise<Scene> {
  const { network, host, client } = story
  const [theirs, ours, alice] = await Promise.all(
    ['owner of A', 'owner of B', 'alice'].map(name => network.phone(name)),
  )
  if (!theirs || !ours || !alice) throw new TypeError('nobody is there')
  await host.writeSettings(SETTINGS)
  await client.channels.reload.mutate()
  await story.link(theirs)
  await client.bindings.create.mutate({ agent: 'echo', match_rule: { channel: 'whatsapp' } })
  const hostile = story.clientOf(await host.mintToken('org_b', 'owner'))
  await link(hostile, ours)
  await hostile.bindings.create.mutate({ agent: 'assistant', match_rule: { text_regex: `^${TO_MODEL}` } })
  await hostile.bindings.create.mutate({ agent: 'echo', match_rule: { channel: 'whatsapp' } })
  const echo = victim(network, alice, theirs)
  // The sessions exist before any clock starts.
  await echo.writes(2).done
  return { story, assault, traps, echo, theirs, ours }
}

/** Begins with two orgs on a host, and those who attack it; all of it is gone when that has ended. */
export async function inScene<Result>(used: (scene: Scene) => Promise<Result>): Promise<Result> {
  await using folder = await temporaryFolder()
  const home = join(folder.path, 'host')
  await mkdir(home, { mode: 0o700 })
  await using traps = await setTraps(folder.path)
  await using assault = await startAssault()
  await using story = await startStory({
    network: { media: true },
    host: {
      home,
      env: {
        WHATSAPP_LOOP_GUARD: 'off',
        ASSISTANT_MODEL: 'hostile',
        ASSISTANT_API_KEY: 'key-of-the-model',
        ASSISTANT_BASE_URL: assault.modelUrl,
      },
    },
  })
  return await used(await settle({ story, assault, traps }))
}

/** Tells the attackers whom to attack, and with what. */
export async function begin(
  { story: { host, network }, assault, traps, ours, theirs }: Scene,
  drawn: { readonly seed: number; readonly played: Played },
): Promise<void> {
  const admins = await Promise.all(Array.from({ length: ADMINS }, () => host.mintToken('org_b', 'admin')))
  const owner = await host.mintToken('org_b', 'owner')
  const { canary } = traps
  assault.begin({
    ...drawn,
    url: host.url,
    admins,
    owner,
    network: network.state,
    ours: ours.name,
    theirs: theirs.name,
    canary,
  })
}
