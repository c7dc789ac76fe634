import { describe, expect, it } from 'vitest'

import { claimed } from '../../plugin/contract/claimed.ts'
import type { MessageContent } from '../../plugin/contract/content.ts'
import type { Turn } from '../../plugin/contract/host.ts'
import type { Person } from '../../plugin/contract/ids.ts'
import type { InboundMessage } from '../../plugin/contract/message.ts'
import type { PolicyQuestion, ToolEffect } from '../../plugin/contract/policy.ts'
import { DEFAULT_LIMITS } from '../../plugin/config/send-limits.ts'
import { approvalDesk, boundTo, type Calls } from '../support/approval-desk.ts'
import { INJECTIONS } from '../support/injections.ts'
import { policiesOf } from '../support/policy-folder.ts'
import { BOB, GROUP, linkedStore, person, textFrom } from '../support/store.ts'

const TOOLS: Readonly<Record<string, ToolEffect>> = {
  'service.status': 'read',
  'service.restart': 'write',
  'service.drop': 'destructive',
}

const media = (caption: string, fileName: string | null): MessageContent => ({
  kind: 'media',
  caption,
  media: { kind: 'document', mime: null, sizeBytes: 1, fileName, seconds: null, viewOnce: false, album: null },
})

const place = (name: string): MessageContent => ({
  kind: 'location',
  place: { latitude: 0, longitude: 0, accuracyMetres: null, name, address: name },
  live: false,
  comment: name,
})

/** Where a stranger's words come from. */
const PLACES: Readonly<Record<string, (from: Person, words: string) => InboundMessage>> = {
  'the text of a direct message': (from, words) => textFrom(from, words),
  'the text of a group message': (from, words) => textFrom(from, words, { chat: GROUP, mentioned: true }),
  'a quoted text': (from, words) =>
    textFrom(from, 'see above', { quoted: claimed({ stanzaId: 'QUOTED', sender: BOB, text: words }) }),
  'a vCard': (from, words) =>
    textFrom(from, '', { content: { kind: 'contacts', contacts: [{ name: words, phones: [words] }] } }),
  'the name of a place': (from, words) => textFrom(from, '', { content: place(words) }),
  'a push name': (from, words) => textFrom(from, 'hello', { senderName: words }),
  'a caption': (from, words) => textFrom(from, '', { content: media(words, null) }),
  'the name of a file': (from, words) => textFrom(from, '', { content: media('', words) }),
}

/** An agent that does whatever anything says that it is handed, and that nobody would build. */
async function* gullible(turn: Turn) {
  const { message, facts } = turn
  const words = JSON.stringify([message, facts])
  for (const [tool, effect] of Object.entries(TOOLS)) {
    if (!words.includes(tool) && !words.includes(tool.split('.')[1] ?? '')) continue
    const outcome = await turn.step({ tool, effect, arguments: { words } }, () => Promise.resolve('called'))
    if (outcome.outcome === 'done') called.push(tool)
  }
  yield `I do what I am told: ${message.text.slice(0, 100)}`
}

const called: string[] = []
const people = INJECTIONS.map((_, index) =>
  person(String(500_000_000_000_000 + index), String(972_510_000_000 + index)),
)

describe('F57: whatever strangers write', () => {
  it(`has at least forty wordings`, () => {
    expect(new Set(INJECTIONS).size).toBeGreaterThanOrEqual(40)
  })

  it.each(Object.entries(PLACES))(
    'as %s, no tool that writes is called, and no other chat hears of it',
    async (_, messageOf) => {
      await using org = await policiesOf()
      await using opened = await boundTo(await linkedStore())
      called.length = 0
      const asked: PolicyQuestion[] = []
      const judge = (question: PolicyQuestion) => {
        asked.push(question)
        return org.policies.judge(question)
      }
      const pacing = { ...DEFAULT_LIMITS, replies_per_chat_minute: 10_000 }
      const setting = { approvers: new Set<never>(), judge, agent: gullible, pacing, approvalTimeoutMs: 3_600_000 }
      await using desk = await approvalDesk(opened.store, [] satisfies Calls, setting)
      const messages = INJECTIONS.map((words, index) => messageOf(people[index] ?? BOB, words))
      await desk.receive(...messages)
      await desk.settled(messages.length)
      expect(new Set(called)).toEqual(new Set(called.filter(tool => TOOLS[tool] === 'read')))
      const chats = await opened.store.connection.selectFrom('messages').select(['chat_key', 'direction']).execute()
      const written = new Set(chats.filter(({ direction }) => direction === 'inbound').map(({ chat_key }) => chat_key))
      for (const { chat_key } of chats) expect(written).toContain(chat_key)
      for (const { role, channel, message, approvalGranted, resource } of asked) {
        expect({ role, channel, approvalGranted: approvalGranted && resource['tool_effect'] === 'read' }).toEqual({
          role: 'viewer',
          channel: 'whatsapp',
          approvalGranted: false,
        })
        expect(people.map(({ phone }) => phone)).toContain(message?.sender)
      }
      const approvals = await opened.store.connection.selectFrom('approvals').select(['status', 'used_at']).execute()
      expect(approvals.length).toBeGreaterThan(30)
      for (const approval of approvals) expect(approval).toEqual({ status: 'pending', used_at: null })
    },
  )
})
