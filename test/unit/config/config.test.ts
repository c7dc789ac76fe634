import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { readEnvironment } from '../../../plugin/config/environment.ts'
import { namedRole, readSettings } from '../../../plugin/config/settings.ts'
import { ChannelError, asChannelError } from '../../../plugin/contract/errors/errors.ts'
import { DEFAULT_LIMITS, LIMITS, LIMIT_NAMES } from '../../../plugin/config/send-limits.ts'
import { ALICE, BOB, byLid, byPhone, given, person } from '../../support/store.ts'

const ROOT = 'ab'.repeat(32)
const network = { WHATSAPP_WEB_SOCKET_URL: 'ws://127.0.0.1:7000/ws/chat', WHATSAPP_NOISE_ROOT_KEY: ROOT }
const real = readEnvironment({ HOME: '/home/somebody' })
const simulated = readEnvironment({ HOME: '/home/somebody', ...network })

function refusal(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    expect(error).toBeInstanceOf(ChannelError)
    expect(asChannelError(error).code).toBe('bad_settings')
    return asChannelError(error).message
  }
  throw new Error('it was not refused')
}

/** Nobody makes these laxer. */
const FIRM: readonly string[] = [
  'lookups_per_hour',
  'lookups_per_day',
  'loop_quick_turns',
  'loop_same_text',
  'loop_turns_per_hour',
]

describe('the settings', () => {
  it('have defaults', () => {
    expect(readSettings({}, real)).toEqual({
      approvers: new Set(),
      approvalTimeoutMs: 300_000,
      alsoAnswered: new Set(),
      readReceipts: true,
      roles: new Map(),
      turnDeadlineMs: 300_000,
      pacing: DEFAULT_LIMITS,
      coldContact: true,
      contextMessages: 20,
      keepDisappearing: false,
      retentionDays: null,
      mentionAllCounts: false,
      gatherMs: 1_500,
      resetTrigger: null,
      humanTakeover: 'direct',
      resumeAfterMs: 3_600_000,
      resumeWord: '/agent',
      budgets: { perSender: 20, perChat: 60, perAccount: 600 },
      socketLimits: { unowned: 100, perToken: 20, subscriptionsPerSocket: 50, subscriptionsPerOrg: 500 },
      reloadGapMs: 10_000,
      orgs: new Map(),
      callLimits: { perSecond: 50, burst: 100 },
      growthLimits: { waitingSends: 10_000 },
      webVersion: null,
      qrTimes: { firstMs: 60_000, nextMs: 20_000 },
    })
  })

  it('bound sockets and subscriptions, each by itself', () => {
    expect(readSettings({ limits: { sockets_per_token: 5 } }, real).socketLimits).toEqual({
      unowned: 100,
      perToken: 5,
      subscriptionsPerSocket: 50,
      subscriptionsPerOrg: 500,
    })
    for (const wrong of [0, -1, 1.5, '5', 100_001, null])
      expect(() => readSettings({ limits: { subscriptions_per_org: wrong } }, real)).toThrow(
        '"limits.subscriptions_per_org"',
      )
    expect(() => readSettings({ limits: { per_org: 1 } }, real)).toThrow('"limits.per_org" is not a setting')
  })

  it('bound calls and what waits, each by itself', () => {
    const limits = { calls_per_second: 5, waiting_sends_per_org: 7 }
    expect(readSettings({ limits }, real)).toMatchObject({
      callLimits: { perSecond: 5, burst: 100 },
      growthLimits: { waitingSends: 7 },
    })
    for (const name of ['calls_per_second', 'calls_at_once', 'waiting_sends_per_org'])
      for (const wrong of [0, -1, 1.5, '5', 10 ** 9, null])
        expect(() => readSettings({ limits: { [name]: wrong } }, real)).toThrow(`"limits.${name}"`)
  })

  it('pin a version of WhatsApp Web, of the one shape that it has', () => {
    expect(readSettings({ web_version: 'auto' }, real).webVersion).toBeNull()
    expect(readSettings({ web_version: '2.3000.1043857760' }, real).webVersion).toBe('2.3000.1043857760')
    const none = [
      '',
      'latest',
      '2.3000',
      '2.3000.104385776',
      '2.3000.10438577600',
      '2.3000.0043857760',
      '2.2413.1043857760',
    ]
    const others = [
      '2.3000.1043857760 ',
      ' auto',
      '2.3000.4294967296',
      '2.3000.9999999999',
      'AUTO',
      null,
      1_043_857_760,
    ]
    for (const web_version of [...none, ...others])
      expect(refusal(() => readSettings({ web_version }, real))).toContain('"web_version"')
  })

  it('take shorter QR times on a network on loopback, and refuse them on WhatsApp', () => {
    const qr = { first_seconds: 2, next_seconds: 1 }
    expect(readSettings({ qr }, simulated).qrTimes).toEqual({ firstMs: 2_000, nextMs: 1_000 })
    expect(refusal(() => readSettings({ qr }, real))).toContain('"qr"')
  })

  it('make any limit of pacing stricter, and laxer only on an explicit wish', () => {
    for (const name of LIMIT_NAMES) {
      const { kind, value } = LIMITS[name]
      const [stricter, laxer] = kind === 'count' ? [value - 1, value + 1] : [value + 1, value - 1]
      expect(readSettings({ pacing: { [name]: stricter } }, real).pacing).toEqual({
        ...DEFAULT_LIMITS,
        [name]: stricter,
      })
      expect(refusal(() => readSettings({ pacing: { [name]: laxer } }, real))).toContain(`"pacing.${name}"`)
      if (FIRM.includes(name)) {
        expect(refusal(() => readSettings({ pacing: { [name]: laxer, raise: true } }, real))).toContain(name)
        continue
      }
      expect(refusal(() => readSettings({ pacing: { [name]: laxer, raise: false } }, real))).toContain('"pacing.raise"')
      expect(readSettings({ pacing: { [name]: laxer, raise: true } }, real).pacing[name]).toBe(laxer)
    }
    expect(refusal(() => readSettings({ pacing: { per_year: 1 } }, real))).toContain(
      '"pacing.per_year" is not a setting',
    )
    expect(refusal(() => readSettings({ pacing: { replies_per_hour: -1 } }, real))).toContain(
      '"pacing.replies_per_hour"',
    )
  })

  it('say whether strangers may be written to', () => {
    expect(readSettings({ cold_contact: 'off' }, real).coldContact).toBe(false)
    expect(refusal(() => readSettings({ cold_contact: false }, real))).toContain('"cold_contact"')
  })

  it('say how much of a conversation an agent is handed, and what begins one anew', () => {
    expect(readSettings({ context_messages: 0, reset_trigger: '/reset' }, real)).toMatchObject({
      contextMessages: 0,
      resetTrigger: '/reset',
    })
    for (const context_messages of [-1, 201, 1.5, '20', null])
      expect(refusal(() => readSettings({ context_messages }, real))).toContain('"context_messages"')
    for (const reset_trigger of ['', ' ', ' /reset', '/reset\n', 'x'.repeat(65), 7])
      expect(refusal(() => readSettings({ reset_trigger }, real))).toContain('"reset_trigger"')
  })

  it('ask agents about everything where nothing is paced, unless they say otherwise', () => {
    const unpaced = readEnvironment({ ...network, WHATSAPP_PACING: 'off' })
    const none = { perSender: null, perChat: null, perAccount: null }
    expect(readSettings({}, unpaced).budgets).toEqual(none)
    const budgets = { per_sender_minute: 5 }
    expect(readSettings({ budgets }, unpaced).budgets).toEqual({ ...none, perSender: 5 })
  })

  it('say about how many messages of a minute agents are asked, or that they are about all of them', () => {
    expect(readSettings({ budgets: { per_sender_minute: 5, per_account_minute: 'off' } }, real).budgets).toEqual({
      perSender: 5,
      perChat: 60,
      perAccount: null,
    })
    for (const wrong of [0, -1, 0.5, 1_000_001, 'on', null])
      expect(refusal(() => readSettings({ budgets: { per_chat_minute: wrong } }, real))).toContain(
        '"budgets.per_chat_minute"',
      )
    expect(refusal(() => readSettings({ budgets: { per_day: 1 } }, real))).toContain(
      '"budgets.per_day" is not a setting',
    )
  })

  it('name the field that is wrong', () => {
    expect(refusal(() => readSettings({ turn_deadline: 1 }, real))).toContain('"turn_deadline" is not a setting')
    expect(refusal(() => readSettings({ qr: { third: 1 } }, simulated))).toContain('"qr.third" is not a setting')
    expect(refusal(() => readSettings({ qr: { first_seconds: 'x' } }, simulated))).toContain('"qr.first_seconds"')
    expect(refusal(() => readSettings({ turn_deadline_seconds: 0 }, real))).toContain('"turn_deadline_seconds"')
  })

  it('repeat neither a phone number nor a value in their refusals', () => {
    const message = refusal(() => readSettings({ roles: { '+972500000002': 'king' } }, real))
    expect(message).toContain('"roles"')
    expect(message).not.toMatch(/97250|king/)
    expect(refusal(() => readSettings({ roles: { '97250': 'viewer' } }, real))).not.toContain('97250')
  })

  it('give a person the role that one of their addresses has, the LID first, and nobody else one', () => {
    const roles = { '+972 50-000-0002': 'member', 'lid:222222222222222': 'admin', '+972500000003': 'owner' }
    const settings = readSettings({ roles }, real)
    expect(namedRole(settings, ALICE)).toBe('member')
    expect(namedRole(settings, byLid(ALICE))).toBeNull()
    expect(namedRole(settings, BOB)).toBe('admin')
    expect(namedRole(settings, byPhone(BOB))).toBe('owner')
    expect(namedRole(settings, person('3', null))).toBeNull()
  })

  it('are read or refused as bad settings, whatever stands in them', () => {
    fc.assert(
      fc.property(fc.jsonValue(), written => {
        try {
          readSettings(written, simulated)
        } catch (error) {
          expect(asChannelError(error).code).toBe('bad_settings')
        }
      }),
    )
  })
})

describe('the environment', () => {
  it('has its state below OPENFANG_HOME, and without it below the home folder', () => {
    expect(readEnvironment({ OPENFANG_HOME: '/var/openfang', HOME: '/home/x' }).stateFolder).toBe(
      '/var/openfang/whatsapp-gateway',
    )
    expect(real.stateFolder).toBe('/home/somebody/.openfang/whatsapp-gateway')
  })

  it('means WhatsApp itself unless another network is named', () => {
    expect(real.network).toBeNull()
    expect(simulated.network).toEqual({ url: 'ws://127.0.0.1:7000/ws/chat', noiseRootKey: ROOT, versionUrl: null })
  })

  it('refuses another network that is not on loopback', () => {
    for (const url of [
      'ws://192.168.0.7:7000/',
      'wss://web.whatsapp.com/ws/chat',
      'ws://127.0.0.1.evil.example/',
      'x',
    ]) {
      const message = refusal(() => readEnvironment({ ...network, WHATSAPP_WEB_SOCKET_URL: url }))
      expect(message).toContain('WHATSAPP_WEB_SOCKET_URL')
    }
  })

  it('takes the version of another network from this machine only, and none without such a network', () => {
    const WHATSAPP_WEB_VERSION_URL = 'http://127.0.0.1:7000/sw.js'
    const named = readEnvironment({ ...network, WHATSAPP_WEB_VERSION_URL }).network
    expect(named?.versionUrl).toBe(WHATSAPP_WEB_VERSION_URL)
    expect(refusal(() => readEnvironment({ WHATSAPP_WEB_VERSION_URL }))).toContain('together with')
    for (const url of ['http://10.0.0.1/sw.js', 'https://web.whatsapp.com/sw.js', 'file:///sw.js', 'sw.js'])
      expect(refusal(() => readEnvironment({ ...network, WHATSAPP_WEB_VERSION_URL: url }))).toContain(
        'WHATSAPP_WEB_VERSION_URL',
      )
  })

  it('refuses half of another network, and a root key that is none', () => {
    const { WHATSAPP_NOISE_ROOT_KEY, WHATSAPP_WEB_SOCKET_URL } = network
    expect(refusal(() => readEnvironment({ WHATSAPP_WEB_SOCKET_URL }))).toContain('both or none')
    expect(refusal(() => readEnvironment({ WHATSAPP_NOISE_ROOT_KEY }))).toContain('both or none')
    const short = { ...network, WHATSAPP_NOISE_ROOT_KEY: 'abcd' }
    expect(refusal(() => readEnvironment(short))).toContain('WHATSAPP_NOISE_ROOT_KEY')
  })

  it('names who is asked for approvals, and after how long one lapses', () => {
    const approvers = ['+972500000001', 'lid:222222222222222']
    const settings = readSettings({ approvers, approval_timeout_seconds: 60 }, real)
    expect([...settings.approvers]).toEqual(approvers)
    expect(settings.approvalTimeoutMs).toBe(60_000)
    expect(readSettings({}, real)).toMatchObject({ approvalTimeoutMs: 300_000 })
    expect(refusal(() => readSettings({ approvers: ['the boss'] }, real))).toContain('"approvers"')
  })

  it('lets policies decide unless it is told otherwise', () => {
    expect(readEnvironment({}).policies).toBe(true)
    expect(readEnvironment({ AGENTCY_FEATURES_POLICIES: 'false' }).policies).toBe(false)
    expect(refusal(() => readEnvironment({ AGENTCY_FEATURES_POLICIES: 'no' }))).toContain('AGENTCY_FEATURES_POLICIES')
  })

  it('names where the compiler is looked for', () => {
    expect(readEnvironment({ OPA_PATH: '/opt/opa', PATH: '/bin' }).compiler).toEqual({
      opaPath: '/opt/opa',
      path: '/bin',
    })
    expect(readEnvironment({}).compiler).toEqual({ opaPath: null, path: null })
  })

  it('lets sends go unpaced on loopback only', () => {
    expect(real.pacing).toBe(true)
    expect(readEnvironment({ ...network, WHATSAPP_PACING: 'off' }).pacing).toBe(false)
    expect(refusal(() => readEnvironment({ WHATSAPP_PACING: 'off' }))).toContain('WHATSAPP_PACING')
    expect(readEnvironment(network).loopGuard).toBe(true)
    expect(readEnvironment({ ...network, WHATSAPP_LOOP_GUARD: 'off' }).loopGuard).toBe(false)
    expect(refusal(() => readEnvironment({ WHATSAPP_LOOP_GUARD: 'off' }))).toContain('WHATSAPP_LOOP_GUARD')
    expect(refusal(() => readEnvironment({ ...network, WHATSAPP_LOOP_GUARD: 'no' }))).toContain('WHATSAPP_LOOP_GUARD')
    expect(refusal(() => readEnvironment({ WHATSAPP_PACING: 'maybe' }))).toContain('WHATSAPP_PACING')
  })

  it('says that DATABASE_URL is reserved, and does not repeat it', () => {
    const message = refusal(() => readEnvironment({ DATABASE_URL: 'postgres://user:secret@db/agentcy' }))
    expect(message).toContain('DATABASE_URL is reserved')
    expect(message).not.toContain('secret')
    expect(given(message)).not.toContain('postgres')
  })
})
