import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

import { createAgents } from '../../host-stub/agentcy/agents.ts'
import type { Turn } from '../../plugin/contract/host.ts'
import type { Address, OrgId } from '../../plugin/contract/ids.ts'
import type { Gate, ToolCall } from '../../plugin/contract/policy.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const agents = createAgents({})
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
      thread: 'thread-1',
    },
    conversation: [],
    facts: { isGroup: false, group: null, mentioned: false, senderName: senderName ?? null, quoted: null },
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
    const slow = createAgents({ ECHO_DELAY_MS: '3600000' })
    const controller = new AbortController()
    const answer = replies(turnOf({ agent: 'echo', text: 'hello', signal: controller.signal }), slow)
    controller.abort()
    await expect(answer).rejects.toThrow('abort')
  })

  it('does not wait for a delay that is no number', async () => {
    expect(await replies(turnOf({ agent: 'echo', text: 'hello' }), createAgents({ ECHO_DELAY_MS: 'long' }))).toEqual([
      'hello',
    ])
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
    const keeping = createAgents({ BOOKKEEPER_BOOK: book })
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
