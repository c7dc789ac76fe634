import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

import { createAgents } from '../../../host-stub/agentcy/agents.ts'
import { readModelSettings } from '../../../host-stub/agentcy/model/settings.ts'
import type { Turn } from '../../../plugin/contract/host.ts'
import type { Address, OrgId } from '../../../plugin/contract/ids.ts'
import type { Gate, ToolCall } from '../../../plugin/contract/policy.ts'
import { keptLog } from '../../support/host.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const agents = createAgents({}, keptLog().log)
const org = 'org_a' as OrgId
const refuseAll: Gate = async () => ({ decision: 'deny', reason: 'nothing goes today' })

type TurnLike = { agent: string; text: string; gate?: Gate; senderName?: string; signal?: AbortSignal }

function turnOf({ agent, text, gate = refuseAll, senderName, signal }: TurnLike): Turn {
  return {
    id: 'trn_1',
    requestId: 'req_1',
    org,
    agent,
    message: {
      channel: 'whatsapp',
      id: 'msg_1',
      from: '+972500000001' as Address,
      to: '+972500000002' as Address,
      text,
      media: [],
      files: [],
      content: { kind: 'text', text: '' },
      pieces: [],
      missing: 0,
      thread: 'thread-1',
    },
    conversation: [],
    facts: {
      isGroup: false,
      group: null,
      mentioned: false,
      mentionsAll: false,
      claimed: { forwarded: false, forwardingScore: 0 },
      senderName: senderName ?? null,
      quoted: null,
    },
    gate,
    attempt: 1,
    async step(call, execute) {
      const decision = await gate(call)
      if (decision.decision !== 'allow') return { outcome: 'refused', decision }
      return { outcome: 'done', result: await execute() }
    },
    signal: signal ?? new AbortController().signal,
  }
}

async function replies(turn: Turn, from = agents): Promise<string[]> {
  const said: string[] = []
  for await (const reply of from.run(turn)) said.push(typeof reply === 'string' ? reply : (reply.text ?? ''))
  return said
}

/** A gate that notes what it is asked and decides as the channel's built-in one does. */
function builtInGate(): { gate: Gate; asked: ToolCall[] } {
  const asked: ToolCall[] = []
  const gate: Gate = async call => {
    asked.push(call)
    return call.effect === 'read'
      ? { decision: 'allow' }
      : { decision: 'approval_required', reason: 'a person must agree' }
  }
  return { gate, asked }
}

describe('the agents', () => {
  it.each(['echo', 'default', 'incident-responder'])('include %s', async name => {
    expect(await agents.exists(org, name)).toBe(true)
  })

  it.each(['', 'Echo', 'nobody', '__proto__', 'constructor'])('do not include "%s"', async name => {
    expect(await agents.exists(org, name)).toBe(false)
  })
})

describe('echo', () => {
  it('says what it was told, word for word', async () => {
    const text = '  two\nlines and 👍 '
    expect(await replies(turnOf({ agent: 'echo', text }))).toEqual([text])
  })

  it('leaves a message without text unanswered', async () => {
    expect(await replies(turnOf({ agent: 'echo', text: '' }))).toEqual([])
  })

  it('stops thinking when the turn is aborted', async () => {
    const slow = createAgents({ ECHO_DELAY_MS: '3600000' }, keptLog().log)
    const controller = new AbortController()
    const answer = replies(turnOf({ agent: 'echo', text: 'hello', signal: controller.signal }), slow)
    controller.abort()
    await expect(answer).rejects.toThrow('abort')
  })

  it('does not wait for a delay that is no number', async () => {
    expect(
      await replies(turnOf({ agent: 'echo', text: 'hello' }), createAgents({ ECHO_DELAY_MS: 'long' }, keptLog().log)),
    ).toEqual(['hello'])
  })
})

describe('default', () => {
  it('greets by name, and repeats nothing of what was written', async () => {
    const [reply] = await replies(turnOf({ agent: 'default', text: 'my pin is 1234', senderName: 'Alice' }))
    expect(reply).toMatch(/^Hello Alice! /)
    expect(reply).not.toContain('1234')
  })
})

describe('incident-responder', () => {
  it('reads the status, after the gate let it', async () => {
    const { gate, asked } = builtInGate()
    const [reply] = await replies(turnOf({ agent: 'incident-responder', text: ' Status ', gate }))
    expect(reply).toContain('api: up')
    expect(asked).toEqual([{ tool: 'service.status', effect: 'read', idempotent: true, arguments: {} }])
  })

  it('does not restart what the gate does not let it, and says so', async () => {
    const { gate, asked } = builtInGate()
    const said = await replies(turnOf({ agent: 'incident-responder', text: 'restart api', gate }))
    expect(said).toEqual(['That was not done: a person must agree'])
    expect(asked).toEqual([{ tool: 'service.restart', effect: 'write', idempotent: false, arguments: { name: 'api' } }])
  })

  it('restarts what the gate lets it', async () => {
    const gate: Gate = async () => ({ decision: 'allow' })
    expect(await replies(turnOf({ agent: 'incident-responder', text: 'restart api', gate }))).toEqual([
      'api: restarted',
    ])
    expect(await replies(turnOf({ agent: 'incident-responder', text: 'restart moon', gate }))).toEqual([
      'There is no service "moon".',
    ])
  })

  it('says nothing of a step once the turn is over', async () => {
    const controller = new AbortController()
    const gate: Gate = async () => {
      controller.abort()
      return { decision: 'deny', reason: 'the turn has ended' }
    }
    const turn = turnOf({ agent: 'incident-responder', text: 'restart api', gate, signal: controller.signal })
    await expect(replies(turn)).rejects.toThrow('abort')
  })

  it('says what it knows when it is asked for anything else', async () => {
    const [reply] = await replies(turnOf({ agent: 'incident-responder', text: 'dance' }))
    expect(reply).toContain('"status"')
  })
})

describe('bookkeeper', () => {
  it('is there where there is a book, adds to it what the gate lets it, and says so', async () => {
    await using folder = await temporaryFolder()
    const book = join(folder.path, 'book')
    const keeping = createAgents({ BOOKKEEPER_BOOK: book }, keptLog().log)
    expect([await agents.exists(org, 'bookkeeper'), await keeping.exists(org, 'bookkeeper')]).toEqual([false, true])
    const { gate } = builtInGate()
    const asked = { agent: 'bookkeeper', text: 'a chair' }
    expect(await replies(turnOf({ ...asked, gate }), keeping)).toEqual(['Not in the book: a chair'])
    expect(existsSync(book)).toBe(false)
    const open: Gate = async () => ({ decision: 'allow' })
    expect(await replies(turnOf({ ...asked, gate: open }), keeping)).toEqual(['In the book: a chair'])
    expect(readFileSync(book, 'utf8')).toBe('trn_1\n')
  })
})

describe('assistant', () => {
  const complete = { ASSISTANT_MODEL: 'm', ASSISTANT_API_KEY: 'sk-secret' }

  it('is there where a model is named with its key, at an address to which a key may be sent', async () => {
    for (const more of [
      {},
      { ASSISTANT_BASE_URL: '' },
      { ASSISTANT_BASE_URL: 'https://models.example/v1/' },
      { ASSISTANT_BASE_URL: 'http://127.0.0.1:11434/v1' },
      { ASSISTANT_BASE_URL: 'http://localhost:1/' },
      { ASSISTANT_BASE_URL: 'http://[::1]:1' },
    ]) {
      const { log, lines } = keptLog()
      expect(await createAgents({ ...complete, ...more }, log).exists(org, 'assistant')).toBe(true)
      expect(lines).toEqual([])
    }
  })

  it.each<[Record<string, string>, string]>([
    [{}, 'Set ASSISTANT_MODEL and ASSISTANT_API_KEY.'],
    [{ ASSISTANT_MODEL: 'm' }, 'Set ASSISTANT_API_KEY.'],
    [{ ASSISTANT_API_KEY: 'sk-secret', ASSISTANT_MODEL: '' }, 'Set ASSISTANT_MODEL.'],
    ...['http://models.example/v1', 'https://user:sk-secret@models.example', 'ftp://127.0.0.1/', 'sk-secret'].map(
      (url): [Record<string, string>, string] => [
        { ...complete, ASSISTANT_BASE_URL: url },
        'Set ASSISTANT_BASE_URL to an https address',
      ],
    ),
  ])(
    'is not there otherwise, the log says once what to set, and the scripted agents serve',
    async (given, sentence) => {
      const { log, lines } = keptLog()
      const without = createAgents(given, log)
      expect(await without.exists(org, 'assistant')).toBe(false)
      expect(await without.exists(org, 'default')).toBe(true)
      expect(lines).toMatchObject([{ event: 'host.agent_not_there', fields: { agent: 'assistant' } }])
      expect(lines[0]?.fields['missing']).toContain(sentence)
      expect(JSON.stringify(lines)).not.toContain('sk-secret')
    },
  )

  it('asks below the base address, whichever slash that ends with', () => {
    const urlOf = (base?: string): string => {
      const read = readModelSettings({ ...complete, ASSISTANT_BASE_URL: base })
      return read.status === 'complete' ? read.settings.url : read.sentence
    }
    expect(urlOf()).toBe('https://api.openai.com/v1/chat/completions')
    expect(urlOf('https://models.example/v1/')).toBe('https://models.example/v1/chat/completions')
    expect(urlOf('https://models.example/x?version=1')).toBe('https://models.example/x/chat/completions?version=1')
  })
})
