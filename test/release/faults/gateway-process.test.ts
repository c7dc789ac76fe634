import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

import { startGateway, chatWith, type RunningGateway } from '../../support/gateway.ts'
import { entriesOf, isText, messageIn, textsIn } from '../../support/journal-entries.ts'
import { journalTown } from '../../support/journal-town.ts'
import { START, pass, stopTime } from '../../support/paced-outbox.ts'
import { childrenOf, remainingAfter } from '../../support/process-tree.ts'
import { entriesBelow } from '../../support/files-below.ts'
import { startLinkedStory } from '../../support/story.ts'

const BUSY = { status: 'stopped', reason: 'replaced', permanent: true, detail: expect.stringContaining('process') }

/** Every file below a folder, by the hash of its bytes. */
const filesIn = (folder: string): Record<string, string> =>
  Object.fromEntries(
    entriesBelow(folder)
      .filter(entry => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .map(path => [path, createHash('sha256').update(readFileSync(path)).digest('hex')]),
  )

const pidOf = ({ supervisor }: RunningGateway): number => supervisor.pid() ?? 0

describe('F11: the host is killed, and only the host', () => {
  it('its gateway keeps what nobody takes over, goes with it, and everything is handed over once', async () => {
    await using story = await startLinkedStory()
    const { network, host, client, owner } = story
    const alice = await network.phone('alice')
    await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
    await alice.says('before', { to: owner })
    await alice.hears('before', { from: owner })
    const gateways = await childrenOf(host.pid)

    // It takes nothing over any more, as if it were busy, while its gateway lives.
    process.kill(host.pid, 'SIGSTOP')
    const texts = Array.from({ length: 5 }, (_, index) => `meanwhile ${index}`)
    const ids: string[] = []
    for (const text of texts) ids.push(await alice.says(text, { to: owner }))
    for (const id of ids) await network.messageWhen(id, ({ receipts }) => receipts.length > 0)
    await host.kill('SIGKILL')
    expect(await remainingAfter(gateways, 2_000)).toEqual([])

    await host.restart()
    for (const text of texts) await alice.hears(text, { from: owner, withinMs: 20_000 })
    await alice.says('after', { to: owner })
    await alice.hears('after', { from: owner })
    expect((await alice.heard()).map(({ text }) => text)).toEqual(['before', ...texts, 'after'])
    for (const id of ids) {
      expect(await network.message(id)).toMatchObject({ receipts: [expect.any(String)], settlements: 1, retries: 0 })
    }
  })
})

describe('F12: the gateway is killed whenever it is there', () => {
  it('logs in ever more rarely, and never more than twelve times a minute', async () => {
    await using town = await journalTown()
    const { network, gateway, owner, alice } = town
    using _ = stopTime()
    const before = (await network.ledger()).logins.length
    const loginsAt: number[] = []
    while (Date.now() < START + 600_000) {
      const times = gateway.readyTimes()
      const restarts = delaysOf(gateway).length
      const after = gateway.events.length
      process.kill(pidOf(gateway), 'SIGKILL')
      await expect.poll(() => delaysOf(gateway).length).toBe(restarts + 1)
      await pass(delaysOf(gateway).at(-1) ?? 0)
      await gateway.whenReady(times + 1)
      await gateway.open()
      await gateway.connection('connected', after)
      loginsAt.push(Date.now())
      expect(loginsAt.filter(at => at > Date.now() - 60_000).length).toBeLessThanOrEqual(12)
    }
    expect((await network.ledger()).logins.length - before).toBe(loginsAt.length)
    expect(loginsAt.length).toBeLessThanOrEqual(600 / 5)
    await alice.says('still there', { to: owner })
    await messageIn(gateway, isText('still there'))
  })
})

/** How long the supervisor waited before each start that followed on a death. */
const delaysOf = ({ lines }: RunningGateway): number[] =>
  lines.filter(({ event }) => event === 'gateway restarts').map(({ fields }) => Number(fields['delay_ms']))

describe('F13: the gateway stands still', () => {
  it('keeps its lock meanwhile, and leaves its dead line when it goes on', async () => {
    await using town = await journalTown()
    const { network, stateFolder, gateway, owner, alice } = town
    await alice.says('before', { to: owner })
    await messageIn(gateway, isText('before'))
    const { logins } = await network.ledger()
    const seen = gateway.events.length
    process.kill(pidOf(gateway), 'SIGSTOP')
    const chat = chatWith(alice)
    const said = gateway.say(chat, '3EB0000000000000000013', 'said while it stands')
    // The server has waited long enough for a word of it.
    await network.faults.drop(owner)
    const id = await alice.says('meanwhile', { to: owner })
    await using second = await startGateway({ network, stateFolder })
    expect(await second.open()).toMatchObject(BUSY)
    expect((await network.ledger()).logins).toEqual(logins)

    process.kill(pidOf(gateway), 'SIGCONT')
    const outcome = await said.catch(() => ({ outcome: 'unknown' }))
    await gateway.connection('waiting', seen)
    await gateway.connection('connected', seen)
    await messageIn(gateway, isText('meanwhile'))
    if (outcome.outcome !== 'sent') await gateway.say(chat, '3EB0000000000000000013', 'said while it stands')
    await alice.hears('said while it stands', { from: owner })
    expect((await network.ledger()).logins).toHaveLength(logins.length + 1)
    expect(await network.message(id)).toMatchObject({ deliveries: 1, settlements: 1 })
    expect((await alice.heard()).map(({ text }) => text)).toEqual(['said while it stands'])
    expect(textsIn(await entriesOf(gateway))).toEqual(['before', 'meanwhile'])
  })
})

describe('F14: two gateways on the folder of one account', () => {
  it('the second is refused by name and touches nothing, and the first goes on', async () => {
    await using town = await journalTown()
    const { network, stateFolder, gateway, owner, alice } = town
    const id = await alice.says('before', { to: owner })
    await messageIn(gateway, isText('before'))
    await network.messageWhen(id, ({ settlements }) => settlements > 0)
    await gateway.supervisor.call('account.ping', gateway.account)
    const [files, { logins }] = [filesIn(stateFolder), await network.ledger()]

    await using second = await startGateway({ network, stateFolder })
    expect(await second.open()).toMatchObject(BUSY)
    const { supervisor, account } = second
    const refusal = { code: 'account_stopped', message: expect.stringContaining('process') }
    await expect(supervisor.call('pairing.start', { ...account, session: 'qrs_2' })).rejects.toMatchObject(refusal)
    await expect(supervisor.call('account.unlink', account)).rejects.toMatchObject(refusal)
    await expect(second.say(chatWith(alice), '3EB0000000000000000014', 'no')).rejects.toMatchObject(refusal)
    expect(filesIn(stateFolder)).toEqual(files)
    expect((await network.ledger()).logins).toEqual(logins)

    await alice.says('after', { to: owner })
    await messageIn(gateway, isText('after'))
    await gateway.supervisor.call('account.ping', gateway.account)
  })
})
