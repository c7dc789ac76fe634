import { describe, expect, it } from 'vitest'

import type { ConnectionState } from '../../../plugin/contract/connection.ts'
import { townsInTurn, type JournalTown } from '../../support/journal-town.ts'
import { startNetwork } from '../../support/network.ts'
import { startGateway } from '../../support/gateway.ts'
import type { FailureWords } from '../../../host-stub/whatsapp/world/faults.ts'

const nextTown = townsInTurn()

const WORDS = {
  header: 'Account locked',
  subtext: 'Open WhatsApp on your phone to go on.',
  message: 'policy',
  url: 'https://faq.whatsapp.com/465883178708358',
}

/** The next state of the link that is neither connecting nor connected. */
const endAfter = ({ gateway }: JournalTown, after: number): Promise<ConnectionState> =>
  gateway.event(
    event =>
      event.event === 'connection' && ['waiting', 'stopped', 'degraded'].includes(event.state.status) && event.state,
    after,
  )

/** Connects anew, and is refused. */
async function refused(town: JournalTown, reason: number | string, words: FailureWords = {}): Promise<ConnectionState> {
  const { gateway, network, owner } = town
  await network.faults.refuseLogin(owner, { reason, ...words })
  await gateway.supervisor.call('account.close', gateway.account)
  const after = gateway.events.length
  await gateway.open()
  return endAfter(town, after)
}

async function streamError(
  town: JournalTown,
  code: number | string | null,
  ...children: { tag: string; type?: string }[]
): Promise<ConnectionState> {
  const after = town.gateway.events.length
  await town.network.faults.streamError(town.owner, code, ...children)
  return endAfter(town, after)
}

async function reloaded({ gateway }: JournalTown): Promise<void> {
  await gateway.supervisor.call('account.close', gateway.account)
  const after = gateway.events.length
  await gateway.open()
  await gateway.connection('connected', after)
}

describe('a login that WhatsApp refuses', () => {
  it('says that 403 is a lock and 406 a ban, with all that WhatsApp said of it', async () => {
    await using town = await nextTown()
    const locked = await refused(town, 403, WORDS)
    expect(locked).toMatchObject({ status: 'stopped', reason: 'locked', said: { code: '403', ...WORDS } })
    expect(locked).toMatchObject({ detail: expect.not.stringContaining('banned') as string })
    await reloaded(town)
    const banned = await refused(town, 406, { header: 'Banned' })
    expect(banned).toMatchObject({
      status: 'stopped',
      reason: 'banned',
      said: { code: '406', header: 'Banned', url: null },
    })
    await reloaded(town)
  })

  it('stops on what another try does not change, with its code, and a reload tries again', async () => {
    await using town = await nextTown()
    for (const code of [400, 409, 415, 418, 501]) {
      const stopped = await refused(town, code, { message: 'not you' })
      expect(stopped).toMatchObject({
        status: 'stopped',
        reason: 'client_refused',
        permanent: true,
        said: { code: String(code), message: 'not you' },
      })
      await reloaded(town)
    }
  })

  it('waits out what it does not know, whatever its reason looks like, and shows it', async () => {
    await using town = await nextTown()
    for (const code of ['599', '416', '200', '-1', 'abc', '1e999', '']) {
      const waiting = await refused(town, code)
      expect(waiting).toMatchObject({
        status: 'waiting',
        reason: 'stream_error',
        said: { code: code === '' ? null : code },
      })
      await reloaded(town)
    }
    expect(await refused(town, '440')).toMatchObject({ status: 'waiting', said: { code: '440' } })
    await reloaded(town)
  })

  it('shows what is hidden in its words, and no more of them than fits', async () => {
    await using town = await nextTown()
    const header = `\u202Egnp.exe\u202C\u0007${'x'.repeat(5_000)}\uD83D`
    const stopped = await refused(town, 403, { header, url: 'javascript:alert(1)\n\u001b[2J' })
    const { said } = stopped as Extract<ConnectionState, { status: 'stopped' }>
    expect(said?.header).toMatch(/^\\u\{202e\}gnp\.exe\\u\{202c\}\\u\{7\}x+…$/)
    expect(said?.header?.length).toBeLessThan(1_000)
    expect(said?.url).toBe('javascript:alert(1) ⏎ \\u{1b}[2J')
  })
})

describe('a stream that WhatsApp ends', () => {
  it('is a forced logout at 516, with the keys kept', async () => {
    await using town = await nextTown()
    expect(await streamError(town, 516)).toMatchObject({
      status: 'stopped',
      reason: 'logged_out',
      said: { code: '516' },
    })
    await reloaded(town)
    expect((await town.network.ledger()).pairings).toHaveLength(1)
  })

  it('is replaced by another program only where it says so, under whatever code, as whichever child', async () => {
    await using town = await nextTown()
    const replaced = { tag: 'conflict', type: 'replaced' }
    expect(await streamError(town, null, replaced)).toMatchObject({ status: 'stopped', reason: 'replaced' })
    await reloaded(town)
    expect(await streamError(town, 409, replaced)).toMatchObject({ status: 'stopped', reason: 'replaced' })
    await reloaded(town)
    expect(await streamError(town, null, { tag: 'text' }, replaced)).toMatchObject({ reason: 'replaced' })
    await reloaded(town)
    expect(await streamError(town, 440)).toMatchObject({ status: 'waiting', reason: 'stream_error' })
    await reloaded(town)
    const unknown = await streamError(town, null, { tag: 'conflict', type: 'merged' })
    expect(unknown).toMatchObject({ status: 'waiting', reason: 'stream_error', said: { code: 'conflict merged' } })
    await reloaded(town)
    expect(await streamError(town, null, { tag: 'conflict', type: 'device_removed' })).toMatchObject({
      status: 'stopped',
      reason: 'logged_out',
    })
  })

  it.each([
    [null, 'ack', 'ack'],
    [null, 'xml-not-well-formed', 'xml-not-well-formed'],
    ['200', 'text', '200'],
    ['5xx', 'text', '5xx'],
  ] as const)('is waited out for %s with <%s>', async (code, tag, shown) => {
    await using town = await nextTown()
    expect(await streamError(town, code, { tag })).toMatchObject({
      status: 'waiting',
      reason: 'stream_error',
      said: { code: shown },
    })
    await reloaded(town)
    expect(town.gateway.lines.map(({ event }) => event)).not.toContain('unhandled rejection')
  })
})

describe('a pairing that WhatsApp ends', () => {
  it('keeps what WhatsApp said', async () => {
    await using network = await startNetwork()
    await using gateway = await startGateway({ network })
    await gateway.open()
    await network.faults.refuseLogin(null, { reason: 403, ...WORDS })
    await gateway.supervisor.call('pairing.start', { ...gateway.account, session: 'qrs_1' })
    const said = { code: '403', ...WORDS }
    expect(await gateway.pairing('qrs_1', 'expired')).toEqual({ status: 'expired', reason: 'locked', said })
    expect(await gateway.connection('not_paired', 1)).toEqual({ status: 'not_paired', reason: 'locked', said })
  })
})
