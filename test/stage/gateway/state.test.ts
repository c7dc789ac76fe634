import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

import { chatWith, startGateway } from '../../support/gateway.ts'
import { networksInTurn } from '../../support/places-in-turn.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const nextNetwork = networksInTurn()

async function town() {
  const network = await nextNetwork()
  const folder = await temporaryFolder()
  const stateFolder = join(folder.path, 'whatsapp-gateway')
  return {
    network,
    stateFolder,
    owner: await network.phone('owner'),
    alice: await network.phone('alice'),
    [Symbol.asyncDispose]: async () => {
      await network[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

describe('an account between two runs of the gateway', () => {
  it('comes back without a code, and hands over what the host had not confirmed before it connects', async () => {
    await using scene = await town()
    const { network, stateFolder, owner, alice } = scene
    {
      await using gateway = await startGateway({ network, stateFolder })
      await gateway.link(owner)
      await alice.says('before', { to: owner })
      await gateway.entry(entry => entry.kind === 'message')
    }
    expect((await network.ledger()).closings.at(-1)).toMatchObject({ device: 'owner:1', how: 'clean' })
    await alice.says('meanwhile', { to: owner })
    await using gateway = await startGateway({ network, stateFolder })
    const early = gateway.supervisor.call('account.ping', gateway.account)
    await expect(early).rejects.toMatchObject({ code: 'gateway_unreachable', more: { reason: 'account_opening' } })
    await gateway.open()
    expect(gateway.events[0]).toMatchObject({ event: 'journal' })
    await gateway.connection('connected')
    const texts = await gateway.entry(
      entry =>
        entry.kind === 'message' && entry.message.content.kind === 'text' && entry.message.content.text === 'meanwhile',
    )
    expect(texts).toBe(true)
    const page = await network.ledger()
    expect([page.pairings.length, page.logins.length]).toEqual([1, 2])
  })

  it('is killed and comes back without a code', async () => {
    await using scene = await town()
    const { network, owner, alice } = scene
    await using gateway = await startGateway({ network })
    await gateway.link(owner)
    process.kill(gateway.supervisor.pid() ?? 0, 'SIGKILL')
    await alice.says('anybody there', { to: owner })
    await gateway.whenReady(2)
    await gateway.open()
    await gateway.entry(entry => entry.kind === 'message')
    expect(await gateway.say(chatWith(alice), '3EB0AAAAAAAAAAAAAAAAAA', 'yes')).toEqual({ outcome: 'sent' })
    expect((await network.ledger()).pairings).toHaveLength(1)
  })

  it('closes with one clean close and opens with one login', async () => {
    await using scene = await town()
    const { network, owner } = scene
    await using gateway = await startGateway({ network })
    await gateway.link(owner)
    const before = (await network.ledger()).closings.length
    await gateway.supervisor.call('account.close', gateway.account)
    const closed = await network.ledgerWhen(page => page.closings.length > before)
    expect(closed.closings.slice(before)).toMatchObject([{ device: 'owner:1', how: 'clean' }])
    const after = gateway.events.length
    await gateway.open()
    await gateway.connection('connected', after)
    expect((await network.ledger()).logins).toHaveLength(2)
  })
})

describe("an account's file", () => {
  it('stops the account when it cannot be read, and is not touched', async () => {
    await using scene = await town()
    const { network, stateFolder, owner } = scene
    let file = ''
    {
      await using gateway = await startGateway({ network, stateFolder })
      await gateway.link(owner)
      file = gateway.file
    }
    const whole = readFileSync(file)
    writeFileSync(file, whole.subarray(0, whole.length / 2))
    const torn = readFileSync(file)
    await using gateway = await startGateway({ network, stateFolder })
    const state = await gateway.open()
    expect(state).toMatchObject({ status: 'stopped', reason: 'state_unreadable', permanent: true })
    expect(state.status === 'stopped' && state.detail).toContain(file)
    const start = gateway.supervisor.call('pairing.start', { ...gateway.account, session: 'qrs_9' })
    await expect(start).rejects.toMatchObject({ code: 'account_stopped' })
    expect(readFileSync(file)).toEqual(torn)

    expect(await gateway.supervisor.call('account.unlink', gateway.account)).toEqual({ unlinked: false })
    expect(existsSync(file)).toBe(false)
    await gateway.link(owner, 'qrs_10')
  })

  it('is refused under the root of another network', async () => {
    await using scene = await town()
    await using elsewhere = await nextNetwork()
    const { network, stateFolder, owner } = scene
    let file = ''
    {
      await using gateway = await startGateway({ network, stateFolder })
      await gateway.link(owner)
      file = gateway.file
    }
    const before = readFileSync(file)
    await using gateway = await startGateway({ network: elsewhere, stateFolder })
    const state = await gateway.open()
    expect(state).toMatchObject({ status: 'stopped', reason: 'other_network' })
    expect(state.status === 'stopped' && state.detail).toContain('Start the host on that one')
    await expect(gateway.supervisor.call('account.unlink', gateway.account)).rejects.toMatchObject({
      code: 'account_stopped',
    })
    expect(readFileSync(file)).toEqual(before)
    expect((await elsewhere.ledger()).connects).toEqual([])
  })

  it('belongs to one gateway at a time', async () => {
    await using scene = await town()
    const { network, stateFolder, owner } = scene
    await using first = await startGateway({ network, stateFolder })
    await first.link(owner)
    await using second = await startGateway({ network, stateFolder })
    expect(await second.open()).toMatchObject({ status: 'stopped', reason: 'replaced' })
    expect(await first.supervisor.call('account.ping', first.account)).toEqual({ phone: owner.phone })
    expect((await network.ledger()).logins).toHaveLength(1)
  })
})

describe('unlinking', () => {
  it('removes the device at WhatsApp and destroys the keys', async () => {
    await using scene = await town()
    const { network, owner } = scene
    await using gateway = await startGateway({ network })
    await gateway.link(owner)
    expect(await gateway.supervisor.call('account.unlink', gateway.account)).toEqual({ unlinked: true })
    expect(existsSync(gateway.file)).toBe(false)
    expect(existsSync(`${gateway.file}-wal`)).toBe(false)
    expect(await gateway.open()).toEqual({ status: 'not_paired', reason: null })
    await gateway.link(owner, 'qrs_2')
    expect((await network.ledger()).pairings).toHaveLength(2)
  })

  it('is what a stale link needs before another pairing: it works also when WhatsApp cannot be reached, and says so', async () => {
    await using scene = await town()
    const { network, owner } = scene
    await using gateway = await startGateway({ network })
    await gateway.link(owner)
    const after = gateway.events.length
    await network.faults.door('refuse')
    await network.faults.drop(owner)
    await gateway.connection('waiting', after)
    const start = gateway.supervisor.call('pairing.start', { ...gateway.account, session: 'qrs_2' })
    await expect(start).rejects.toMatchObject({
      code: 'already_connected',
      message: expect.stringContaining('DELETE /api/v1/channels/whatsapp/configure') as string,
    })
    expect(await gateway.supervisor.call('account.unlink', gateway.account)).toEqual({ unlinked: false })
    expect(existsSync(gateway.file)).toBe(false)
    await network.faults.door('open')
    await gateway.link(owner, 'qrs_3')
  })
})
