import { describe, expect, it } from 'vitest'

import { asChannelError } from '../../../plugin/contract/errors/errors.ts'
import type { Audit, NewAuditEntry } from '../../../plugin/contract/audit.ts'
import { LOCAL_ORG, type OrgId } from '../../../plugin/contract/ids.ts'
import { Reloads } from '../../../plugin/channel/reloads.ts'
import { accountTown, DESK, keyOf, link, OTHER, SALES, SALES_NUMBER } from '../../support/account-town.ts'
import { emptyStore, ORG, OUR_NUMBER } from '../../support/store.ts'

const refused = async (promise: Promise<unknown>) => asChannelError(await promise.catch((error: unknown) => error))

/** Two orgs with linked numbers, the host's own, and what a reload of one asks of the gateway. */
async function scene() {
  const opened = await emptyStore()
  const town = await accountTown(opened)
  await link(town, DESK, OUR_NUMBER)
  await link(town, SALES, SALES_NUMBER)
  await town.links.configure(OTHER, { fields: {} })
  await town.links.configure(keyOf('default', LOCAL_ORG), { fields: {} })
  const asked: string[] = []
  town.gateway.before = (name, { org, account }) => void asked.push(`${name} ${org}/${account}`)
  const read: string[] = []
  const policies = {
    reload: async () => void read.push('all'),
    reloadOf: async (org: string) => void read.push(org),
  }
  const clock = { now: 0 }
  const entries: { org: OrgId; entry: NewAuditEntry }[] = []
  const audit: Audit = { append: async (org, entry) => void entries.push({ org, entry }) }
  const reloads = new Reloads({
    lifecycle: town.links,
    policies,
    audit,
    gapMs: () => 10_000,
    elapsed: () => clock.now,
  })
  return {
    town,
    asked,
    read,
    clock,
    reloads,
    entries,
    lines: () => asked.filter(each => /^account\.(open|close) /.test(each)),
    async [Symbol.asyncDispose]() {
      await town[Symbol.asyncDispose]()
      await opened[Symbol.asyncDispose]()
    },
  }
}

describe('a reload by an org', () => {
  it('connects its own accounts again, reads its own policies, and touches no other org', async () => {
    await using here = await scene()
    await here.reloads.reload(ORG, 'admin')
    expect(here.lines().toSorted((one, other) => one.localeCompare(other))).toEqual([
      'account.close org_test/default',
      'account.close org_test/sales',
      'account.open org_test/default',
      'account.open org_test/sales',
    ])
    expect(here.read).toEqual([ORG])
    expect(here.entries).toEqual([])
  })

  it('is refused within ten seconds of the one before, says when it may be, and costs others nothing', async () => {
    await using here = await scene()
    await here.reloads.reload(ORG, 'owner')
    here.clock.now = 9_999
    const before = here.lines().length
    const refusal = await refused(here.reloads.reload(ORG, 'owner'))
    expect(refusal).toMatchObject({
      code: 'reloaded_lately',
      more: { retry_at: expect.stringMatching(/Z$/) as string },
    })
    expect(here.lines()).toHaveLength(before)
    await here.reloads.reload(OTHER.org, 'owner')
    here.clock.now = 10_000
    await here.reloads.reload(ORG, 'owner')
    expect(here.read).toEqual([ORG, OTHER.org, ORG])
  })

  it('lets only one in when many come at once', async () => {
    await using here = await scene()
    const all = await Promise.all(Array.from({ length: 20 }, () => refused(here.reloads.reload(ORG, 'admin'))))
    expect(all.filter(({ code }) => code === 'reloaded_lately')).toHaveLength(19)
    expect(here.lines().filter(each => each === 'account.close org_test/default')).toHaveLength(1)
  })

  it('may be tried again at once when the settings could not be read', async () => {
    await using here = await scene()
    here.town.write({ nonsense: true })
    expect(await refused(here.reloads.reload(ORG, 'admin'))).toMatchObject({ code: 'bad_settings' })
    expect([here.lines(), here.read]).toEqual([[], []])
    here.town.write({})
    await here.reloads.reload(ORG, 'admin')
  })

  it('puts what is of no org into force for the owner of the host’s org alone, also where that takes no other gateway', async () => {
    await using here = await scene()
    here.town.write({ web_version: '2.3000.1043857760' })
    await here.reloads.reload(LOCAL_ORG, 'admin')
    await here.reloads.reload(ORG, 'owner')
    expect(here.town.gateway.configured).toEqual([])
    here.clock.now = 10_000
    await here.reloads.reload(LOCAL_ORG, 'owner')
    expect(here.town.gateway.configured).toMatchObject([{ webVersion: '2.3000.1043857760' }])
    expect(here.lines().filter(each => each.includes('org_other'))).toEqual([])
  })

  it('takes another gateway only for the owner of the host’s org, and then the others are told', async () => {
    await using here = await scene()
    here.town.gateway.isAnother = true
    await here.reloads.reload(LOCAL_ORG, 'admin')
    await here.reloads.reload(OTHER.org, 'owner')
    expect(here.lines().filter(each => each.includes('org_test'))).toEqual([])
    here.clock.now = 10_000
    await here.reloads.reload(LOCAL_ORG, 'owner')
    expect(here.lines().filter(each => each.startsWith('account.close org_test'))).toHaveLength(2)
    expect(here.entries.map(({ org, entry: { action, resource } }) => [org, action, resource['by']])).toEqual(
      expect.arrayContaining([
        [OTHER.org, 'channel.reload', 'host'],
        [ORG, 'channel.reload', 'host'],
      ]),
    )
    expect(here.entries).toHaveLength(2)
  })
})

it('a reload by the host connects all again, reads the policies of all, and tells each org', async () => {
  await using here = await scene()
  await here.reloads.all()
  expect(here.lines().filter(each => each.startsWith('account.close'))).toHaveLength(4)
  expect(here.read).toEqual(['all'])
  expect(new Set(here.entries.map(({ org }) => org))).toEqual(new Set([LOCAL_ORG, OTHER.org, ORG]))
})
