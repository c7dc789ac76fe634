import { execFile } from 'node:child_process'
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

import { startGateway, type RunningGateway } from '../../support/gateway.ts'
import { journalTown } from '../../support/journal-town.ts'

const run = promisify(execFile)

/** The kernel refuses every write of the gateway to a file, as a full disk would. */
const fillDisk = (gateway: RunningGateway) => limitFiles(gateway, '1')
const freeDisk = (gateway: RunningGateway) => limitFiles(gateway, 'unlimited')
const limitFiles = (gateway: RunningGateway, sizeBytes: string) =>
  run('prlimit', ['--pid', String(gateway.supervisor.pid()), `--fsize=${sizeBytes}:unlimited`])

const hasText = (gateway: RunningGateway, text: string) =>
  gateway.entry(
    entry =>
      entry.kind === 'message' && entry.message.content.kind === 'text' && entry.message.content.text === text && entry,
  )

describe('F15: a disk that is full', () => {
  it('drops the line unacknowledged, says so, and all arrives when there is room again', async () => {
    await using town = await journalTown()
    const { network, gateway, owner, alice } = town
    const group = await network.group('Team', [owner, alice])
    await alice.says('before', { to: owner })
    await hasText(gateway, 'before')
    const pid = gateway.supervisor.pid()
    const after = gateway.events.length
    await fillDisk(gateway)
    const ids = [await alice.says('kept back', { to: owner }), await alice.says('kept back too', { to: group })]
    const degraded = await gateway.connection('degraded', after)
    expect(degraded).toMatchObject({ reason: 'storage', permanent: false })
    // Another attempt meets the same disk.
    await gateway.connection('degraded', gateway.events.length)
    for (const id of ids) {
      expect(await network.message(id)).toMatchObject({ settlements: 0, receipts: [], errors: [], retries: 0 })
    }
    await freeDisk(gateway)
    for (const text of ['kept back', 'kept back too']) await hasText(gateway, text)
    for (const id of ids) {
      const record = await network.messageWhen(id, ({ settlements }) => settlements > 0)
      expect(record).toMatchObject({ errors: [], retries: 0 })
    }
    expect(gateway.supervisor.pid()).toBe(pid)
  })
})

describe('F17: a page of the file that is damaged', () => {
  it('stops the account, leaves the file as it is, and makes no new identity', async () => {
    await using town = await journalTown()
    const { network, stateFolder, gateway } = town
    await gateway.supervisor.stop()
    const { size } = statSync(gateway.file)
    const file = openSync(gateway.file, 'r+')
    for (let page = 2; page * 4096 < size; page += 3) writeSync(file, Buffer.alloc(4096, 0xff), 0, 4096, page * 4096)
    closeSync(file)
    const damaged = readFileSync(gateway.file)
    const logins = (await network.ledger()).logins.length
    await using next = await startGateway({ network, stateFolder })
    expect(await next.open()).toMatchObject({ status: 'stopped', reason: 'state_unreadable', permanent: true })
    expect(readFileSync(gateway.file)).toEqual(damaged)
    expect((await network.ledger()).logins).toHaveLength(logins)
  })
})

describe('F18: a file that is torn', () => {
  it.each([
    { torn: 'empty', to: 0 },
    { torn: 'cut in a page', to: 4096 * 3 + 100 },
  ])('$torn is refused, and the identity in it is not replaced', async ({ to }) => {
    await using town = await journalTown()
    const { network, stateFolder, gateway } = town
    await gateway.supervisor.stop()
    const whole = readFileSync(gateway.file)
    truncateSync(gateway.file, to)
    const torn = readFileSync(gateway.file)
    await using next = await startGateway({ network, stateFolder })
    const state = await next.open()
    expect(state).toMatchObject({ status: 'stopped', reason: 'state_unreadable', permanent: true })
    expect(state.status === 'stopped' && state.detail).toContain(gateway.file)
    expect(readFileSync(gateway.file)).toEqual(torn)

    await next.supervisor.stop()
    writeFileSync(gateway.file, whole)
    await using restored = await startGateway({ network, stateFolder })
    await restored.open()
    await restored.connection('connected')
    expect((await network.ledger()).pairings).toHaveLength(1)
  })

  it('a draft that a crash left behind is in nobody’s way', async () => {
    await using town = await journalTown()
    const { network, stateFolder, gateway } = town
    await gateway.supervisor.stop()
    writeFileSync(`${gateway.file}.draft`, 'half')
    await using next = await startGateway({ network, stateFolder })
    await next.open()
    await next.connection('connected')
    expect(existsSync(gateway.file)).toBe(true)
  })
})
