import { expect, it } from 'vitest'

import type { ConnectionState } from '../../../plugin/contract/connection.ts'
import { wireProblem } from '../../../plugin/views/api-state.ts'
import type { AccountName } from '../../../plugin/contract/ids.ts'
import { ORG_A } from '../../support/api.ts'
import { openCli } from '../../support/cli-stage.ts'
import { dead } from '../../support/idle-operations.ts'
import { PHONE } from '../../support/operations.ts'

const since = Date.UTC(2026, 0, 1)
const UP: ConnectionState = { status: 'connected', phone: PHONE, since }

it.each<[string, ConnectionState, number]>([
  ['connected', UP, 0],
  ['connecting for the first time', { status: 'connecting' }, 0],
  ['not linked yet', { status: 'not_paired', reason: null }, 0],
  ['being linked', { status: 'pairing' }, 0],
  ['connecting again', { status: 'connecting', reason: 'unavailable' }, 1],
  ['waiting', { status: 'waiting', reason: 'unavailable', permanent: false, retryAt: since }, 1],
  ['unlinked on the phone', { status: 'not_paired', reason: 'logged_out' }, 1],
  ['stopped', { status: 'stopped', reason: 'banned', permanent: true, detail: 'It is banned.' }, 1],
  ['up and not well', { ...UP, status: 'degraded', reason: 'agent_failing', permanent: false }, 1],
])('status of an account that is %s ends with its code', async (_, state, code) => {
  await using stage = await openCli()
  stage.operations.link(ORG_A, state)
  const told = await stage.told('status')
  expect([told.err, told.status]).toEqual(['', code])
  expect(told.out).toContain(`whatsapp: ${state.status}`)
})

it('status ends with 1 when something is wrong beside the links, and with 0 for an account that it is not about', async () => {
  await using stage = await openCli()
  const wrong = { ...dead, account: 'sales' as AccountName }
  stage.operations.link(ORG_A, UP)
  const channels = stage.operations.channels.list(ORG_A)
  stage.operations.channels.list = async () =>
    (await channels).map(channel => ({ ...channel, problems: [wireProblem(wrong)] }))
  const told = await stage.told('status')
  expect([told.err, told.status]).toEqual(['', 1])
  expect((await stage.told('status', '--account', 'default')).status).toBe(0)
})
