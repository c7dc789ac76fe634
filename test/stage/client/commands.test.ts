import { describe, expect, it } from 'vitest'

import { groupListResponse } from '../../../plugin/contract/api/groups.ts'
import { sendListResponse, sendStatusResponse } from '../../../plugin/contract/api/sends.ts'
import { turnListResponse, turnSchema } from '../../../plugin/contract/api/turns.ts'
import { messageListResponse } from '../../../plugin/contract/api/messages.ts'
import type { ConfigureRequest } from '../../../plugin/contract/api/channels.ts'
import { ChannelError } from '../../../plugin/contract/errors/errors.ts'
import type { AccountKey, GroupId } from '../../../plugin/contract/ids.ts'
import type { ListedTurn, TurnPage } from '../../../plugin/contract/turn.ts'
import { KEY_A, ORG_A } from '../../support/api.ts'
import { turn, turnsOf } from '../../support/listed-turn.ts'
import { openCli } from '../../support/cli-stage.ts'
import { PHONE } from '../../support/operations.ts'

const LINKED = { status: 'connected', phone: PHONE, since: 0 } as const

describe('configure', () => {
  it('makes the account that is named, with the name that is shown', async () => {
    const asked: unknown[] = []
    const configure = async ({ account }: AccountKey, { fields }: ConfigureRequest) =>
      void asked.push([account, fields])
    await using stage = await openCli({ operations: { accounts: { configure } } })
    asked.length = 0
    expect(await stage.told('configure', '--account', 'sales', '--display-name', 'Sales desk')).toEqual({
      status: 0,
      out: 'configured sales\n',
      err: '',
    })
    expect(asked).toEqual([['sales', { display_name: 'Sales desk' }]])
    const json = await stage.told('configure', '--json')
    expect(JSON.parse(json.out)).toEqual({ status: 'configured', channel: 'whatsapp' })
  })
})

describe('unpair', () => {
  const accounts = async ({ operations }: Awaited<ReturnType<typeof openCli>>) =>
    (await operations.channels.list(ORG_A))[0]?.accounts.map(({ account }) => account)

  it.each([
    ['yes', 0],
    ['y', 0],
    ['no', 1],
    ['', 1],
    ['yesterday', 1],
  ])('asks on a terminal which number it is, and "%s" ends with %i', async (input, status) => {
    await using stage = await openCli({ isTTY: true, input: `${input}\n` })
    stage.operations.link(ORG_A, LINKED)
    const told = await stage.told('unpair')
    expect(told.status).toBe(status)
    expect(told.err).toContain(`Unlink ${PHONE} from account default`)
    expect(await accounts(stage)).toEqual(status === 0 ? [] : ['default'])
  })

  it('does nothing where nobody can be asked, whatever is piped in, and there takes --yes', async () => {
    await using stage = await openCli({ input: 'yes\n' })
    stage.operations.link(ORG_A, LINKED)
    const refused = await stage.told('unpair')
    expect([refused.status, refused.err]).toEqual([2, 'It asks on a terminal. Elsewhere it needs --yes.\n'])
    expect(await accounts(stage)).toEqual(['default'])
    expect((await stage.told('unpair', '--yes')).status).toBe(0)
    expect(await accounts(stage)).toEqual([])
  })

  it.each([
    [true, true, 'removed default: WhatsApp was informed.\n'],
    [
      false,
      true,
      'removed default: WhatsApp could not be reached. Remove the device on the phone, under Linked devices.\n',
    ],
    [false, false, 'removed default: no phone was linked.\n'],
  ])('says whether WhatsApp was told: %s, of a linked one: %s', async (unlinked, linked, says) => {
    await using stage = await openCli({ operations: { accounts: { unpair: async () => ({ unlinked }) } } })
    if (linked) stage.operations.link(ORG_A, LINKED)
    expect((await stage.told('unpair', '--yes')).out).toBe(says)
    const json = await stage.told('unpair', '--yes', '--json')
    expect(JSON.parse(json.out)).toEqual({ status: 'removed', channel: 'whatsapp', unlinked })
  })
})

it('reload puts the settings in force', async () => {
  await using stage = await openCli()
  expect(await stage.told('reload')).toEqual({ status: 0, out: 'reloaded\n', err: '' })
})

describe('turns', () => {
  it('lists how far each has come, and why one needs a person', async () => {
    const failed = turn(2, { status: 'dead_letter', code: 'agent_failed', attempt: 3 })
    const doubtful = turn(3, {
      status: 'needs_operator',
      code: 'step_unknown',
      step: { n: 2, tool: 'service.restart' },
      endedAt: null,
    })
    await using stage = await openCli({ operations: turnsOf([doubtful, failed, turn(1)], []) })
    const { status, out } = await stage.told('turns', 'list')
    const lines = out.split('\n')
    expect([status, lines[0]?.split(/ +/)]).toEqual([
      0,
      ['id', 'status', 'agent', 'attempt', 'message', 'queued', 'began', 'until', 'why'],
    ])
    expect(lines[1]).toMatch(
      /^trn_3 +needs_operator +echo +1 +msg_3 +\S+ +step_unknown, at step 2 \(service\.restart\)$/,
    )
    expect(lines[2]).toMatch(/^trn_2 +dead_letter +echo +3 +msg_2 +2026-01-02T03:04:05.000Z +agent_failed$/)
    const json = await stage.told('turns', 'list', '--status', 'dead_letter', '--json')
    expect(turnListResponse.parse(JSON.parse(json.out)).turns.map(({ id }) => id)).toEqual(['trn_2'])
  })

  it('lists as many as are asked for, page upon page, and no more', async () => {
    const asked: TurnPage[] = []
    const all = Array.from({ length: 500 }, (_, at) => turn(500 - at))
    await using stage = await openCli({ operations: turnsOf(all, asked) })
    const { out } = await stage.told('turns', 'list', '-n', '450', '--json')
    expect(turnListResponse.parse(JSON.parse(out)).turns.map(({ id }) => id)).toEqual(
      all.slice(0, 450).map(({ id }) => id),
    )
    expect(asked.map(({ limit }) => limit)).toEqual([200, 200, 50])
  })

  it('tries one again, with what a person decided about its step', async () => {
    const decided: unknown[] = []
    const retry = async (_org: unknown, id: string, step: unknown) => {
      decided.push([id, step])
      return turn(1, { id, status: 'queued', endedAt: null })
    }
    await using stage = await openCli({ operations: { turns: { retry } } })
    expect((await stage.told('turns', 'retry', 'trn_1')).out).toBe('queued trn_1\n')
    const { out } = await stage.told('turns', 'retry', 'trn_1', '--step', 'skip', '--json')
    expect(turnSchema.parse(JSON.parse(out)).status).toBe('queued')
    expect(decided).toEqual([
      ['trn_1', 'repeat'],
      ['trn_1', 'skip'],
    ])
  })

  it('cancels one, and says of one that is over where to look', async () => {
    const cancel = async (_org: unknown, id: string) => {
      if (id !== 'trn_1') throw new ChannelError('turn_over')
      return turn(1, { id, status: 'cancelled', code: 'cancelled' })
    }
    await using stage = await openCli({ operations: { turns: { cancel } } })
    expect((await stage.told('turns', 'cancel', 'trn_1')).out).toBe('cancelled trn_1\n')
    const over = await stage.told('turns', 'cancel', 'trn_2')
    expect([over.status, over.err]).toEqual([
      1,
      expect.stringContaining('agentcy-whatsapp turns list --status running'),
    ])
  })
})

describe('messages', () => {
  it('prints the last ones in the order of time, under their day', async () => {
    await using stage = await openCli()
    for (const text of ['one', 'two', 'three']) stage.operations.say(ORG_A, text)
    const { status, out } = await stage.told('messages', '-n', '2')
    expect([status, out]).toEqual([
      0,
      '2026-01-02\n' +
        '03:04:05 ← +972500000002 ~Dana: two [unmatched: no_binding]\n' +
        '03:04:05 ← +972500000002 ~Dana: three [unmatched: no_binding]\n',
    ])
    const json = await stage.told('messages', '-n', '2', '--json')
    const { messages, more } = messageListResponse.parse(JSON.parse(json.out))
    expect([messages.map(({ text }) => text), more]).toEqual([['three', 'two'], true])
  })
})

describe('sends', () => {
  it('are listed with their way so far, shown, and taken back', async () => {
    await using stage = await openCli()
    const { id } = await stage.operations.sends.send(KEY_A, { to: '+972500000002', text: 'x' }, null)
    const list = await stage.told('sends', 'list', '--status', 'accepted')
    expect(list.out).toMatch(new RegExp(`^id .*\\n${id} +accepted +\\+972500000002 ~Dana +text .* next in the queue`))
    expect(sendListResponse.parse(JSON.parse((await stage.told('sends', 'list', '--json')).out)).sends).toHaveLength(1)
    expect((await stage.told('sends', 'get', id)).out).toMatch(new RegExp(`^accepted ${id} to \\+972500000002 ~Dana`))
    expect((await stage.told('sends', 'cancel', id)).out).toBe(`cancelled ${id}\n`)
    const got = sendStatusResponse.parse(JSON.parse((await stage.told('sends', 'get', id, '--json')).out))
    expect(got.status).toBe('cancelled')
  })

  it('get --watch prints each step of that one until its end', async () => {
    await using stage = await openCli()
    const [watched, other] = [
      await stage.operations.sends.send(KEY_A, { to: '+972500000002', text: 'x' }, null),
      await stage.operations.sends.send(KEY_A, { to: '+972500000003', text: 'y' }, null),
    ]
    const status = stage.run('sends', 'get', watched.id, '--watch')
    await stage.screen.until(/accepted/)
    await stage.operations.outbox.cancel(ORG_A, other.id)
    await stage.operations.outbox.cancel(ORG_A, watched.id)
    expect(await status).toBe(0)
    const steps = stage.screen.written.out.trimEnd().split('\n')
    expect(steps.map(line => line.split(' ').slice(0, 2))).toEqual([
      ['accepted', watched.id],
      ['cancelled', watched.id],
    ])
  })
})

describe('groups', () => {
  const group = { id: '120363000000000001@g.us', subject: 'Ops\u202E', size: 2 }
  const members = [
    { address: '+972500000002', phone: '+972500000002', lid: null, admin: true },
    { address: 'lid:77', phone: null, lid: '77', admin: false },
  ]
  const operations = {
    groups: {
      list: async () => [group],
      find: async (_key: unknown, id: GroupId) => ({ ...group, id, description: 'on call', members }),
    },
  }

  it('are listed, and shown with who is in them', async () => {
    await using stage = await openCli({ operations })
    const list = await stage.told('groups', 'list')
    expect(list.out.split('\n')[1]).toMatch(/^120363000000000001@g\.us +2 +Ops\\u\{202e\}$/)
    expect(groupListResponse.parse(JSON.parse((await stage.told('groups', 'list', '--json')).out)).groups).toEqual([
      group,
    ])
    expect((await stage.told('groups', 'show', group.id)).out).toBe(
      'Ops\\u{202e}\n120363000000000001@g.us · 2 members\non call\n\n+972500000002  admin\nlid:77\n',
    )
  })
})

describe('tail', () => {
  const ended = turn(1, { messageId: 'msg_00000000000000000000000002' })

  it('begins with what is stored, below it how it ended, and goes on with what comes, each once', async () => {
    const later = turn(9, { status: 'dead_letter', code: 'agent_failed', attempt: 3 })
    let end: (turn: ListedTurn) => void = () => undefined
    const ending = new Promise<ListedTurn>(resolve => (end = resolve))
    const operations = {
      ...turnsOf([ended], []),
      turnFeed: {
        async *watch() {
          yield await ending
        },
      },
    }
    await using stage = await openCli({ operations })
    for (const text of ['one', 'two']) stage.operations.say(ORG_A, text)
    const status = stage.run('tail', '-n', '1')
    await stage.screen.until(/answered/)
    const { id } = stage.operations.say(ORG_A, 'three')
    await stage.screen.until(/three/)
    end({ ...later, messageId: id })
    await stage.screen.until(/given up/)
    stage.screen.end()
    expect(await status).toBe(0)
    expect(stage.screen.written.out).toBe(
      '2026-01-02\n' +
        '03:04:05 ← +972500000002 ~Dana: two [unmatched: no_binding]\n' +
        '03:04:06 ↳ +972500000002 ~Dana: echo answered\n' +
        '03:04:05 ← +972500000002 ~Dana: three [unmatched: no_binding]\n' +
        '03:04:06 ↳ +972500000002 ~Dana: echo was given up after 3 attempts: agent_failed → agentcy-whatsapp turns retry trn_9\n',
    )
  })

  it.each([
    ['2026-01-02T03:04:05Z', /one.*\n.*two.*\n.*now/],
    ['2026-01-02T03:04:06Z', /^[^\n]*now/],
    ['1h', /^[^\n]*now/],
  ])('--since %s begins with those since then', async (since, printed) => {
    await using stage = await openCli()
    for (const text of ['one', 'two']) stage.operations.say(ORG_A, text)
    const status = stage.run('tail', '--since', since)
    while (stage.operations.watching.open === 0) await new Promise(setImmediate)
    stage.operations.say(ORG_A, 'now')
    await stage.screen.until(/now/)
    stage.screen.end()
    expect(await status).toBe(0)
    expect(stage.screen.written.out).toMatch(printed)
  })

  it('--since something that is no instant ends with 2', async () => {
    await using stage = await openCli()
    const told = await stage.told('tail', '--since', 'yesterday')
    expect([told.status, told.out, told.err]).toEqual([2, '', expect.stringContaining('--since takes a time')])
  })

  it('fails with the reason when the host lets it read no more', async () => {
    const list = () => Promise.reject(new ChannelError('stopping'))
    await using stage = await openCli({ operations: { messages: { list } } })
    const told = await stage.told('tail', '-n', '5')
    expect([told.status, told.err]).toEqual([1, expect.stringContaining('(stopping, req_')])
  })
})

describe('where there is nothing', () => {
  it.each([[['turns', 'list']], [['sends', 'list']], [['groups', 'list']], [['messages']]])(
    '%j says so',
    async argv => {
      await using stage = await openCli()
      expect(await stage.told(...argv)).toEqual({ status: 0, out: 'There are none.\n', err: '' })
    },
  )
})

const WRONG: [readonly string[], string][] = [
  [['turns', 'list', '--status', 'pending'], '--status takes one of: queued, running,'],
  [['sends', 'list', '--status', 'queued'], '--status takes one of: accepted, sent,'],
  [['approvals', 'list', '--status', 'queued'], '--status takes one of: pending, approved, denied, expired.'],
  [['turns', 'retry', 'trn_1', '--step', 'twice'], '--step takes one of: repeat, skip.'],
  ...['0', '-1', '1.5', 'all', '', '10001', '1e3', '٣'].map((count): [readonly string[], string] => [
    ['messages', `--limit=${count}`],
    '-n takes a whole number from 1 to 10000.',
  ]),
]

describe('a wrong call', () => {
  it.each(WRONG)('%j ends with 2', async (argv, sentence) => {
    await using stage = await openCli()
    const told = await stage.told(...argv)
    expect([told.status, told.out]).toEqual([2, ''])
    expect(told.err).toContain(sentence)
  })
})
