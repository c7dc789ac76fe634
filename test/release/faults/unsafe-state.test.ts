import { chmod, chown, mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { followLink } from '../../support/events.ts'
import { startHost } from '../../support/host-process.ts'
import { startLinkedStory, startStory } from '../../support/story.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const nobody = 65_534
const isRoot = process.getuid?.() === 0

describe('F20: a host whose own folder is not private', () => {
  it.each([
    { fault: 'open to others', mode: 0o755 },
    { fault: 'read-only', mode: 0o500 },
  ])('does not start when it is $fault, and names path and mode', async ({ mode }) => {
    await using home = await temporaryFolder()
    const folder = join(home.path, 'agentcy')
    await mkdir(folder)
    await chmod(folder, mode)
    const refusal = await startHost({ home: home.path }).catch((error: Error) => error.message)
    expect(refusal).toContain(folder)
    expect(refusal).toContain(mode.toString(8))
  })

  it('does not start when it is a link', async () => {
    await using home = await temporaryFolder()
    await mkdir(join(home.path, 'elsewhere'), { mode: 0o700 })
    await symlink(join(home.path, 'elsewhere'), join(home.path, 'agentcy'))
    const refusal = await startHost({ home: home.path }).catch((error: Error) => error.message)
    expect(refusal).toContain(join(home.path, 'agentcy'))
  })
})

describe("F20: a gateway's state that is not private", () => {
  const spoils: { fault: string; spoil: (state: string) => Promise<void> }[] = [
    { fault: 'open to others', spoil: state => chmod(state, 0o755) },
    { fault: 'read-only', spoil: state => chmod(state, 0o500) },
    {
      fault: 'a link',
      spoil: async state => {
        await rename(state, `${state}-moved`)
        await symlink(`${state}-moved`, state)
      },
    },
    ...(isRoot ? [{ fault: "another user's", spoil: (state: string) => chown(state, nobody, nobody) }] : []),
  ]

  it.each(spoils)('is refused at configure when its folder is $fault, and the answer names it', async ({ spoil }) => {
    await using story = await startStory()
    const state = join(story.host.home, 'openfang', 'whatsapp-gateway')
    await mkdir(state, { recursive: true, mode: 0o700 })
    await spoil(state)
    const refused = await story.host.request('POST', '/api/v1/channels/whatsapp/configure', { body: { fields: {} } })
    expect(refused).toMatchObject({ status: 503, body: { error: { message: expect.stringContaining(state) } } })
  })

  it.each([
    { fault: 'readable by others', spoil: (file: string) => chmod(file, 0o644) },
    { fault: 'cut off', spoil: (file: string) => writeFile(file, '') },
    { fault: 'no database', spoil: (file: string) => writeFile(file, 'not a database'.repeat(100)) },
  ])('stops the account when its file is $fault, and says so', async ({ spoil }) => {
    await using story = await startLinkedStory()
    const { host, network } = story
    const before = await network.ledger()
    await host.kill('SIGTERM')
    const file = join(host.home, 'openfang', 'whatsapp-gateway', 'auth', 'org_local', 'default.sqlite')
    await spoil(file)
    await host.restart()
    using links = followLink(story.clientOf(host.token))
    const stopped = await links.until(({ status }) => status === 'stopped')
    expect(stopped).toMatchObject({ permanent: true, detail: expect.stringContaining(file) })
    expect(await host.request('POST', '/api/v1/channels/whatsapp/test')).toMatchObject({ status: 503 })
    expect((await network.ledger()).logins).toHaveLength(before.logins.length)
  })
})
