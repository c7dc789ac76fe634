import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { readEnvironment } from '../../../plugin/config/environment.ts'
import { readSettings } from '../../../plugin/config/settings.ts'
import { LOCAL_ORG, parseOrgId, type OrgId } from '../../../plugin/contract/ids.ts'
import { settingsOf } from '../../../plugin/config/org-settings.ts'
import { DEFAULT_LIMITS, isLaxer, LIMIT_NAMES } from '../../../plugin/config/send-limits.ts'
import { SettingsInForce } from '../../../plugin/config/settings-in-force.ts'
import { LOCAL_ORG as HOST_ORG } from '../../../host-stub/agentcy/tokens.ts'
import { given } from '../../support/given.ts'

const real = readEnvironment({ HOME: '/nonexistent' })
const ORG_B = given(parseOrgId('org_b'))
const BOSS = '+972500000001'
const OTHER = '+972500000002'

const of = (written: unknown, org: OrgId) => settingsOf(readSettings(written, real), org)
const refusal = (written: unknown): string => {
  try {
    readSettings(written, real)
    return 'taken'
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
}

describe('the roles and approvers of an org', () => {
  it('are its own: those outside of "orgs" are those of the host’s org, and of no other', () => {
    const written = {
      roles: { [BOSS]: 'admin' },
      approvers: [BOSS],
      orgs: { org_b: { roles: { [OTHER]: 'member' }, approvers: [OTHER] } },
    }
    expect([...of(written, LOCAL_ORG).roles]).toEqual([[BOSS, 'admin']])
    expect([...of(written, LOCAL_ORG).approvers]).toEqual([BOSS])
    expect([...of(written, ORG_B).roles]).toEqual([[OTHER, 'member']])
    expect([...of(written, ORG_B).approvers]).toEqual([OTHER])
    const nobody = of(written, given(parseOrgId('org_c')))
    expect([nobody.roles.size, nobody.approvers.size]).toEqual([0, 0])
  })

  it('of the host’s org may stand in either place, and there the newer one holds', () => {
    const written = {
      roles: { [BOSS]: 'admin' },
      orgs: { org_local: { roles: { [BOSS]: 'viewer', [OTHER]: 'owner' } } },
    }
    expect([...of(written, LOCAL_ORG).roles]).toEqual([
      [BOSS, 'viewer'],
      [OTHER, 'owner'],
    ])
    expect(HOST_ORG).toBe(LOCAL_ORG)
  })
})

describe('what holds for all', () => {
  it('an org can make stricter, each limit by itself', () => {
    const written = {
      turn_deadline_seconds: 200,
      orgs: {
        org_b: { pacing: { replies_per_minute: 3 }, budgets: { per_sender_minute: 5 }, turn_deadline_seconds: 20 },
      },
    }
    expect(of(written, ORG_B)).toMatchObject({
      pacing: { ...DEFAULT_LIMITS, replies_per_minute: 3 },
      budgets: { perSender: 5, perChat: 60, perAccount: 600 },
      turnDeadlineMs: 20_000,
      approvalTimeoutMs: 300_000,
    })
    expect(of(written, LOCAL_ORG)).toMatchObject({ pacing: DEFAULT_LIMITS, turnDeadlineMs: 200_000 })
  })

  it.each([
    [{ pacing: { replies_per_minute: 21 } }, 'orgs.org_b.pacing.replies_per_minute'],
    [{ pacing: { reply_gap_seconds: 1 } }, 'orgs.org_b.pacing.reply_gap_seconds'],
    [{ budgets: { per_sender_minute: 21 } }, 'orgs.org_b.budgets.per_sender_minute'],
    [{ budgets: { per_account_minute: 'off' } }, 'orgs.org_b.budgets.per_account_minute'],
    [{ turn_deadline_seconds: 301 }, 'orgs.org_b.turn_deadline_seconds'],
    [{ approval_timeout_seconds: 301 }, 'orgs.org_b.approval_timeout_seconds'],
  ])('an org cannot make laxer: %o', (own, field) => {
    expect(refusal({ orgs: { org_b: own } })).toBe(`Settings: "${field}" can only be made stricter than for all orgs.`)
  })

  it('is never laxer for an org, whatever is written for all and for it', () => {
    const limits = fc.record(Object.fromEntries(LIMIT_NAMES.map(name => [name, fc.integer({ min: 0, max: 400 })])), {
      requiredKeys: [],
    })
    fc.assert(
      fc.property(limits, limits, (all, own) => {
        const written = { pacing: { raise: true, ...all }, orgs: { org_b: { pacing: own } } }
        if (refusal(written) !== 'taken') return
        const [base, narrow] = [of(written, LOCAL_ORG).pacing, of(written, ORG_B).pacing]
        expect(LIMIT_NAMES.filter(name => isLaxer(name, narrow[name], base[name]))).toEqual([])
      }),
    )
  })

  it.each([
    [{ orgs: { 'no org': {} } }, 'a key of "orgs" is no id of an org'],
    [{ orgs: { org_b: { qr: {} } } }, '"orgs.org_b.qr" is not a setting'],
    [{ orgs: { org_b: { pacing: { raise: true } } } }, '"orgs.org_b.pacing.raise" is not a setting'],
    [{ orgs: { org_b: { limits: {} } } }, '"orgs.org_b.limits" is not a setting'],
    [{ orgs: { org_b: { roles: { [BOSS]: 'king' } } } }, '"orgs.org_b.roles" has a value that is not allowed'],
    [{ orgs: { org_b: { roles: { '0501': 'admin' } } } }, 'a key of "roles"'],
  ])('has no place for %o', (written, sentence) => {
    expect(refusal(written)).toContain(sentence)
    expect(refusal(written)).not.toContain(BOSS)
  })
})

describe('the settings in force', () => {
  const withDeadline = (seconds: number) =>
    readSettings({ turn_deadline_seconds: seconds, limits: { reload_seconds: seconds } }, real)

  it('of an org change with its own reload, and those of others and of the host do not', () => {
    const inForce = new SettingsInForce(withDeadline(10))
    expect(inForce.of(LOCAL_ORG).turnDeadlineMs).toBe(10_000)
    inForce.takeFor(ORG_B, withDeadline(20))
    expect([inForce.of(ORG_B), inForce.of(LOCAL_ORG), inForce.host].map(each => each.reloadGapMs)).toEqual([
      20_000, 10_000, 10_000,
    ])
    inForce.takeHost(withDeadline(30))
    expect([inForce.of(ORG_B).turnDeadlineMs, inForce.of(LOCAL_ORG).turnDeadlineMs]).toEqual([20_000, 10_000])
    expect(inForce.of(given(parseOrgId('org_new'))).turnDeadlineMs).toBe(10_000)
    expect(inForce.host.reloadGapMs).toBe(30_000)
    inForce.take(withDeadline(40))
    expect([inForce.of(ORG_B).turnDeadlineMs, inForce.of(LOCAL_ORG).turnDeadlineMs]).toEqual([40_000, 40_000])
  })
})
