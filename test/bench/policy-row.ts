import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { EventLoopShares } from '../../plugin/base/event-loop-shares.ts'
import { claimed } from '../../plugin/contract/claimed.ts'
import type { Log } from '../../plugin/contract/host.ts'
import type { OrgId } from '../../plugin/contract/ids.ts'
import type { PolicyQuestion } from '../../plugin/contract/policy.ts'
import { Policies } from '../../plugin/policy/policies.ts'
import { WorkerPool } from '../../plugin/workers/worker-pool.ts'
import type { Measured } from './rows.ts'
import { percentile } from './statistics.ts'

const CLAIMS = { forwarded: claimed(false), forwardingScore: claimed(0), mentioned: claimed(false) }
const org = 'org_bench' as OrgId
const silent = (): void => undefined
const log: Log = { trace: silent, debug: silent, info: silent, warn: silent, error: silent }
const more = 100

const page = `package agentcy.whatsapp

deny[msg] {
  input.subject.channel == "whatsapp"
  input.action == "chat.tool.execute"
  input.resource.tool_effect != "read"
  not input.context.approval_granted
  msg := "writes from WhatsApp need an approval"
}
`

const rules = Array.from(
  { length: more },
  (_, index) => `deny["no ${index}"] { input.resource.tool == "tool.n${index}"; input.subject.role == "viewer" }`,
)

function question(effect: string): PolicyQuestion {
  const message = { sender: '+10000000000', isGroup: false, quotedSender: null, binding: null }
  return {
    org,
    user: 'usr_bench',
    role: 'viewer',
    channel: 'whatsapp',
    action: 'chat.tool.execute',
    resource: { connector: 'shop', tool: 'shop.order', tool_effect: effect },
    approvalGranted: false,
    requestId: 'req_bench',
    message: { ...message, claimed: CLAIMS, account: 'default' },
  }
}

/** In this process: a tool call that is denied and one that is not, in turn; the input is made anew for each. */
async function figuresOf(policies: Policies, judgements: number): Promise<Measured['figures']> {
  const took: number[] = []
  const questions = [question('write'), question('read')] as const
  for (let index = 0; index < judgements; index++) {
    const startedAt = performance.now()
    const { verdict } = await policies.judge(questions[index % 2] ?? questions[0])
    took.push((performance.now() - startedAt) * 1_000)
    if (verdict !== (index % 2 === 0 ? 'deny' : 'allow')) throw new Error(`a policy said ${verdict}`)
  }
  const later = took.slice(Math.floor(took.length / 10))
  return { judged_us_p50: percentile(later, 0.5), judged_us_p99: percentile(later, 0.99) }
}

/** The four policies that an org begins with and the page's own, then with a hundred rules more. */
export async function policyRows(judgements: number): Promise<Measured[]> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'bench-policies-'))
  const jobs = new WorkerPool(log)
  try {
    const compiler = { opaPath: process.env['OPA_PATH'] ?? null, path: process.env['PATH'] ?? null }
    const shares = new EventLoopShares()
    const policies = await Policies.open({ dataFolder, compiler, policies: true, jobs, shares, log })
    await policies.put(org, { name: 'whatsapp', source: page })
    const few = await figuresOf(policies, judgements)
    await policies.put(org, { name: 'more', source: `package agentcy.more\n\n${rules.join('\n')}\n` })
    const many = await figuresOf(policies, judgements)
    return [
      { row: 'policies, five', figures: few },
      { row: `policies, five and ${more} rules`, figures: many },
    ]
  } finally {
    await jobs.close()
    await rm(dataFolder, { recursive: true, force: true })
  }
}
