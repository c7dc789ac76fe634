import { describe, expect, it } from 'vitest'

import { listMessages } from '../../../plugin/store/messages/messages.ts'
import type { TakenBack } from '../../../plugin/store/deletion/taken-back.ts'
import { TakeoverRequests } from '../../../plugin/safeguards/takeover-requests.ts'
import { stagesOn } from '../../support/stages.ts'
import { ACCOUNT, ALICE, GROUP, ORG, given, linkedStore, textFrom } from '../../support/store.ts'
import { keptLog } from '../../support/host.ts'

const PHONE = String(ALICE.phone)

/** All stages, and a desk whose word the turns heed. */
async function desked(run?: NonNullable<Parameters<typeof stagesOn>[1]>['run']) {
  const opened = await linkedStore()
  const stages = await stagesOn(opened.store, { bindings: [{}], ...(run && { run }) })
  const backs: TakenBack[] = []
  const onTakenBack = (_: unknown, back: TakenBack): void => {
    backs.push(back)
    stages.turns.cancelled(back.running)
  }
  const desk = new TakeoverRequests({ store: opened.store, log: keptLog().log, onTakenBack })
  const outcomes = async () =>
    (await listMessages(opened.store.connection, ORG, { after: 0, limit: 100 })).map(({ outcome }) => outcome)
  const dispose = async (): Promise<void> => {
    await stages[Symbol.asyncDispose]()
    await opened[Symbol.asyncDispose]()
  }
  return { ...stages, desk, backs, outcomes, [Symbol.asyncDispose]: dispose }
}

describe('a chat that is taken over from outside', () => {
  it('ends the turn under way before its next reply, and is its agent’s again when it is handed back', async () => {
    let begun: () => void = () => undefined
    let goOn: () => void = () => undefined
    const isBegun = new Promise<void>(resolve => (begun = resolve))
    const mayGoOn = new Promise<void>(resolve => (goOn = resolve))
    await using here = await desked(async function* run({ message }) {
      if (message.text === 'slow') {
        begun()
        await mayGoOn
      }
      yield `re: ${message.text}`
    })
    await here.receive(textFrom(ALICE, 'slow', { sentAt: Date.now() - 1_000 }))
    await isBegun
    expect(await here.desk.begin(ACCOUNT, PHONE, null)).toMatchObject({ until: null, by: 'operator' })
    goOn()
    await here.line('turn taken back')
    await here.receive(textFrom(ALICE, 'more', { sentAt: Date.now() }))
    expect(here.backs).toMatchObject([{ turns: 1, replies: 0 }])
    expect(await here.outcomes()).toEqual(['unmatched: human_takeover', 'unmatched: human_takeover'])
    expect(await here.desk.list(ORG)).toMatchObject([{ account: 'default', by: 'operator' }])
    await here.desk.end(ACCOUNT, PHONE)
    expect(await here.desk.list(ORG)).toEqual([])
    await here.receive(textFrom(ALICE, 'again', { sentAt: Date.now() }))
    await here.line('turn ended')
    await expect.poll(() => here.gateway.texts).toEqual(['re: again'])
  })

  it('is a group as well, whatever the owner’s words do there, and nobody else’s chat', async () => {
    await using here = await desked()
    await here.desk.begin(ACCOUNT, given(GROUP.kind === 'group' ? GROUP.group : null), Date.now() + 60_000)
    await here.receive(textFrom(ALICE, 'there', { chat: GROUP, sentAt: Date.now() }), textFrom(ALICE, 'here'))
    await here.line('turn ended')
    expect((await here.outcomes()).slice(0, 2)).toEqual(['unmatched: human_takeover', 'answered'])
  })

  it('is refused until an instant that is past, for an account that there is not, and twice handed back', async () => {
    await using here = await desked()
    await expect(here.desk.begin(ACCOUNT, PHONE, Date.now())).rejects.toMatchObject({ code: 'bad_request' })
    const elsewhere = { ...ACCOUNT, account: 'sales' as never }
    await expect(here.desk.begin(elsewhere, PHONE, null)).rejects.toMatchObject({ code: 'channel_not_configured' })
    await here.desk.begin(ACCOUNT, PHONE, null)
    await here.desk.end(ACCOUNT, PHONE)
    await expect(here.desk.end(ACCOUNT, PHONE)).rejects.toMatchObject({ code: 'not_found' })
  })
})
