import { expect, it } from 'vitest'

import { show } from '../../../client/command/answer.ts'
import type { HostCall } from '../../../client/command/command.ts'
import { commandNamed } from '../../../client/command-table.ts'
import { lastWords } from '../../../client/texts/last-words.ts'
import { messageLine } from '../../../client/texts/message-line.ts'
import { HostRefused, reasonOf } from '../../../client/command/refusal.ts'
import type { WireMessage } from '../../../plugin/contract/api/messages.ts'
import { plainText } from '../../../plugin/contract/plain-text.ts'
import { HOSTILE, hiddenIn } from '../../support/plain-texts.ts'
import { createScreen } from '../../support/screen.ts'

const AT = '2026-01-02T03:04:05.000Z'

/** What a command prints of what its host answers. */
async function printed(name: 'approvals list' | 'policies get' | 'sends get', answer: object): Promise<string> {
  const { terminal, written } = createScreen({})
  const asked = { query: () => Promise.resolve(answer) }
  const client = { approvals: { list: asked }, policies: { get: asked }, whatsapp: { sends: { get: asked } } }
  const call = { terminal, client, words: ['x'], options: {} } as unknown as HostCall
  await commandNamed(name.split(' '))?.run(call)
  return written.out
}

it.each(HOSTILE)('a list of what waits hides nothing by %s, and shows all of what is to be judged', async (_, text) => {
  const given = { name: text, [text]: `${'x'.repeat(2_000)}${text}` }
  const approval = {
    id: 'apr_1',
    status: 'pending',
    tool: text,
    arguments: given,
    user_id: 'usr_1',
    asked: { address: '+1', name: text, group: '1@g.us', group_subject: text, text },
    expires_at: AT,
  }
  const out = await printed('approvals list', { approvals: [approval] })
  expect(hiddenIn(out)).toBeNull()
  expect(out).toContain(plainText(JSON.stringify(given)))
  const send = {
    id: 'snd_1',
    status: 'sent',
    to: '1@g.us',
    to_name: text,
    kind: 'text',
    accepted_at: AT,
    position: null,
  }
  const sent = await printed('sends get', send)
  expect(sent).toContain('sent snd_1 to 1@g.us')
  expect(hiddenIn(sent)).toBeNull()
})

it.each(HOSTILE)('what a host answers, refuses or has from a contact hides nothing by %s', async (_, text) => {
  const { terminal, written } = createScreen({})
  show({ terminal, options: {} }, { a: [{ b: text, [text]: 1 }] }, ({ a }) =>
    a.map(each => Object.entries(each).join()),
  )
  const refused = new HostRefused({ message: text, code: 'bad_request', request_id: 'r' })
  const said = { code: text, header: text, subtext: null, message: null, url: text }
  const message = {
    direction: 'inbound',
    received_at: AT,
    from: text,
    group: '1@g.us',
    group_subject: text,
    kind: text,
    outcome: text,
    text,
    media: [],
    sender_name: text,
    claimed: { forwarded: false },
    mentions_all: false,
    gathered_in: null,
    details: { a: text },
    quoted: { from: text, text, kind: 'text', media: [], claimed: true },
  } as unknown as WireMessage
  const lines = [
    written.out,
    reasonOf(refused, 'x'),
    lastWords(said) ?? '',
    messageLine(message, (_colour, word) => word),
    await printed('policies get', { source: `package a\n# ${text}` }),
  ]
  for (const line of lines) {
    expect(hiddenIn(line)).toBeNull()
    expect(line).toContain(plainText(text))
  }
})
