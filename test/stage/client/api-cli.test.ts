import { describe, expect, it } from 'vitest'

import { runCommandLine } from '../../../client/command-line.ts'
import { channelsResponse } from '../../../plugin/contract/api/channels.ts'
import { type ConnectionState } from '../../../plugin/contract/connection.ts'
import type { PasskeyRequest } from '../../../plugin/contract/passkey.ts'
import type { AccountName, Phone } from '../../../plugin/contract/ids.ts'
import { ORG_A, serveApi, tokenOf, KEY_A } from '../../support/api.ts'
import { PASSKEY_ANSWER } from '../../support/link-operations.ts'
import { createMemoryOperations, PHONE } from '../../support/operations.ts'
import { createScreen } from '../../support/screen.ts'

const CONNECTED: ConnectionState = { status: 'connected', phone: PHONE, since: 0 }

async function open({ isTTY = false, input = '' } = {}) {
  const operations = createMemoryOperations()
  await operations.accounts.configure(KEY_A, { fields: {} })
  const served = await serveApi({ operations })
  const environment = { AGENTCY_URL: served.url, AGENTCY_TOKEN: tokenOf(ORG_A, 'owner') }
  const screen = createScreen(environment, { isTTY, input })
  return {
    operations,
    screen,
    run: (...argv: string[]) => runCommandLine(argv, screen.terminal),
    [Symbol.asyncDispose]: () => served[Symbol.asyncDispose](),
  }
}

describe('pair', () => {
  it('draws each code in the place of the one before, and ends with 0 when a phone is linked', async () => {
    await using stage = await open({ isTTY: true })
    const status = stage.run('pair')
    await stage.screen.until(/valid for 60 s/)
    const drawn = stage.screen.written.out
    const session = 'qr_00000000000000000000000001'
    stage.operations.turnPairing(ORG_A, session, { status: 'pending', qr: 'second', expiresAt: Date.now() + 20_000 })
    await stage.screen.until(/valid for 20 s/)
    const height = drawn.split('\n').length - 2
    expect(stage.screen.written.out.slice(drawn.length)).toMatch(new RegExp(`^\\u001b\\[${height}A\\u001b\\[J`))
    stage.operations.turnPairing(ORG_A, session, { status: 'connected', phone: PHONE })
    expect(await status).toBe(0)
    expect(stage.screen.written.out).toMatch(/Linked: \+972500000001\n$/)
  })

  it('ends with 1 when the codes ran out, and when the host refuses', async () => {
    await using stage = await open()
    const status = stage.run('pair')
    await stage.screen.until(/valid for/)
    stage.operations.turnPairing(ORG_A, 'qr_00000000000000000000000001', { status: 'expired', reason: 'pairing_ended' })
    expect(await status).toBe(1)
    expect(stage.screen.written.out).not.toContain('\u001b')
    stage.operations.link(ORG_A, CONNECTED)
    expect(await stage.run('pair')).toBe(1)
    expect(stage.screen.written.err).toContain('(already_connected, req_')
  })

  it('shows what to do about a passkey, and no code of it to whoever compares none', async () => {
    await using stage = await open()
    const status = stage.run('pair')
    await stage.screen.until(/valid for/)
    const session = 'qr_00000000000000000000000001'
    const options = {
      challenge: 'AAAA',
      rpId: 'whatsapp.com',
      timeout: 600_000,
      userVerification: 'required',
      allowCredentials: [],
      extensions: {},
    } as const
    const expiresAt = Date.now() + 600_000
    const turn = (passkey: PasskeyRequest): void =>
      stage.operations.turnPairing(ORG_A, session, { status: 'pending', passkey, expiresAt })
    turn({ step: 'wanted', options })
    await stage.screen.until(/agentcy-whatsapp passkey qr_0+1\n/)
    expect(stage.screen.written.out).toContain('navigator.credentials.get({ publicKey })')
    expect(stage.screen.written.out).toContain('"challenge":"AAAA"')
    turn({ step: 'compare', code: 'K3WA7XQ2' })
    await stage.screen.until(/K3WA-7XQ2\n.*passkey qr_0+1 --confirm\n/)
    stage.operations.turnPairing(ORG_A, session, { status: 'expired', reason: 'passkey_refused' })
    expect(await status).toBe(1)
    expect(stage.screen.written.err).toContain('passkey_refused')
  })

  it('gives what is piped in for a passkey, and says that the phone shows the same code', async () => {
    await using stage = await open({ input: `${PASSKEY_ANSWER}\n` })
    const { session } = await stage.operations.linking.startPairing(KEY_A)
    expect(await stage.run('passkey', session, '--confirm')).toBe(1)
    const expiresAt = Date.now() + 600_000
    stage.operations.turnPairing(ORG_A, session, {
      status: 'pending',
      passkey: { step: 'compare', code: 'K3WA7XQ2' },
      expiresAt,
    })
    expect(await stage.run('passkey', session, '--confirm')).toBe(0)
    expect(await stage.run('passkey', session)).toBe(1)
    expect(stage.screen.written.err).toContain('passkey_not_awaited')
  })
})

describe('status', () => {
  it('says how the link stands, for a person and as JSON', async () => {
    await using stage = await open()
    stage.operations.link(ORG_A, CONNECTED)
    expect(await stage.run('status')).toBe(0)
    expect(stage.screen.written.out).toBe('whatsapp: connected · +972500000001 · 0 bindings\n')
    expect(await stage.run('status', '--json')).toBe(0)
    const catalog = channelsResponse.parse(JSON.parse(stage.screen.written.out.split('\n')[1] ?? ''))
    expect(catalog.channels).toMatchObject([{ connection: { phone: PHONE } }])
  })
})

describe('--account', () => {
  const SALES = 'sales' as AccountName
  const NUMBER = '+972500000009' as Phone

  it('pairs that one, on a host that was never told of it', async () => {
    await using stage = await open()
    const status = stage.run('pair', '--account', 'sales')
    await stage.screen.until(/valid for/)
    stage.operations.turnPairing(ORG_A, 'qr_00000000000000000000000001', { status: 'connected', phone: NUMBER })
    expect(await status).toBe(0)
    expect(stage.operations.pairings.state(ORG_A, 'qr_00000000000000000000000001').account).toBe('sales')
    expect((await stage.operations.channels.list(ORG_A))[0]?.accounts.map(({ account }) => account)).toEqual([
      'default',
      'sales',
    ])
  })

  it('says so, and ends with 1, when its number is another’s', async () => {
    await using stage = await open()
    const status = stage.run('pair')
    await stage.screen.until(/valid for/)
    stage.operations.turnPairing(ORG_A, 'qr_00000000000000000000000001', { status: 'conflict' })
    expect(await status).toBe(1)
    expect(stage.screen.written.err).toContain('linked to another account of this host')
  })

  it('says how one link stands; without it each has its line', async () => {
    await using stage = await open()
    await stage.operations.accounts.configure({ org: ORG_A, account: SALES }, { fields: {} })
    stage.operations.link(ORG_A, { status: 'connected', phone: NUMBER, since: 0 }, SALES)
    expect(await stage.run('status')).toBe(0)
    expect(stage.screen.written.out).toBe(
      'whatsapp: 2 accounts · 0 bindings\n  default: not_paired\n  sales: connected · +972500000009\n',
    )
    stage.screen.written.out = ''
    expect(await stage.run('status', '--account', 'sales')).toBe(0)
    expect(stage.screen.written.out).toBe('sales: connected · +972500000009\n')
    expect(await stage.run('status', '--account', 'nobody')).toBe(1)
    expect(stage.screen.written.err).toContain('No account of this name is configured')
  })

  it('sends from that one, and tails its messages alone', async () => {
    await using stage = await open()
    await stage.operations.accounts.configure({ org: ORG_A, account: SALES }, { fields: {} })
    expect(await stage.run('send', '+972500000002', 'hello', '--account', 'sales')).toBe(0)
    expect(stage.operations.sent.map(({ account }) => account)).toEqual(['sales'])
    stage.screen.written.out = ''
    const status = stage.run('tail', '--account', 'sales')
    while (stage.operations.watching.open === 0) await new Promise(setImmediate)
    stage.operations.say(ORG_A, 'to the desk')
    stage.operations.say(ORG_A, 'to sales', SALES)
    await stage.screen.until(/\n/)
    stage.screen.end()
    expect(await status).toBe(0)
    expect(stage.screen.written.out).toBe('03:04:05 ← +972500000002 ~Dana: to sales [unmatched: no_binding]\n')
  })
})

describe('send', () => {
  it('says that the text was accepted, and sends each under a key of its own', async () => {
    await using stage = await open()
    expect(await stage.run('send', '+972500000002', 'hello')).toBe(0)
    expect(await stage.run('send', '--json', '+972500000002', '--', '-dash')).toBe(0)
    const [line, json] = stage.screen.written.out.split('\n')
    expect(line).toMatch(/^accepted snd_/)
    expect(JSON.parse(json ?? '')).toMatchObject({ status: 'accepted' })
    expect(new Set(stage.operations.sent.map(each => each.key)).size).toBe(2)
  })

  it('ends with 1 and says why when it was refused', async () => {
    await using stage = await open()
    expect(await stage.run('send', 'nobody', 'hello')).toBe(1)
    expect(stage.screen.written.err).toContain('"to" must be a phone number')
  })
})

describe('tail', () => {
  it('prints each message on a line of its own, with nothing that steers the terminal, until it is ended', async () => {
    await using stage = await open()
    const status = stage.run('tail')
    while (stage.operations.watching.open === 0) await new Promise(setImmediate)
    stage.operations.say(ORG_A, 'two\nlines \u001b[2J')
    await stage.screen.until(/\n/)
    stage.screen.end()
    expect(await status).toBe(0)
    expect(stage.screen.written.out).toBe(
      '03:04:05 ← +972500000002 ~Dana: two ⏎ lines \\u{1b}[2J [unmatched: no_binding]\n',
    )
  })
})

describe('a wrong call', () => {
  it.each([
    [[], 'agentcy-whatsapp <command>'],
    [['dance'], 'Unknown command "dance".'],
    [['bindings'], 'bindings create <agent>'],
    [['send', '+1'], 'Give a text, or a file'],
    [['send', '+1', 'a', '--file', 'b', '--url', 'https://c'], 'Give one of --file'],
    [['send', '+1', 'a', '--wait', 'forever'], '--wait takes one of: sent, delivered, read.'],
    [['status', 'extra'], 'agentcy-whatsapp status'],
    [['bindings', 'delete'], 'agentcy-whatsapp bindings delete <id>'],
    [['bindings', 'update', 'bnd_1'], 'Say what to change.'],
    [['bindings', 'explain'], 'Give the id of a message, or --from'],
    [['policies', 'test'], 'The input is not JSON.'],
    [['pair', '--watch'], '"pair" takes no --watch.'],
    [['pair', '--colour'], "Unknown option '--colour'"],
  ])('says what is wrong with it and ends with 2: %j', async (argv, sentence) => {
    const { terminal, written } = createScreen({ AGENTCY_TOKEN: 'x' })
    expect(await runCommandLine(argv, terminal)).toBe(2)
    expect(written.err).toContain(sentence)
    expect(written.out).toBe('')
  })

  it('names what is missing in the environment, and ends with 2', async () => {
    const without = createScreen({})
    expect(await runCommandLine(['status'], without.terminal)).toBe(2)
    expect(without.written.err).toContain('AGENTCY_TOKEN is not set')
    const wrong = createScreen({ AGENTCY_URL: 'ftp://x', AGENTCY_TOKEN: 'x' })
    expect(await runCommandLine(['status'], wrong.terminal)).toBe(2)
  })

  it('says so when nobody answers, and ends with 1', async () => {
    const served = await serveApi({ operations: createMemoryOperations() })
    await served[Symbol.asyncDispose]()
    for (const argv of [['status'], ['tail'], ['send', '+972500000002', 'hi', '--wait', 'sent']]) {
      const { terminal, written } = createScreen({ AGENTCY_URL: served.url, AGENTCY_TOKEN: 'planted' })
      expect(await runCommandLine(argv, terminal)).toBe(1)
      expect(written.err).toMatch(/did not answer/)
      expect(written.err).not.toContain('planted')
    }
  })

  it('prints the usage when asked, and ends with 0', async () => {
    const { terminal, written } = createScreen({})
    expect(await runCommandLine(['--help'], terminal)).toBe(0)
    expect(written.out).toContain('AGENTCY_URL')
  })
})
