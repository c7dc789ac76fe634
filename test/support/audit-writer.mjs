// Tells an audit log of two orgs, three entries in the same moment, again and again, and says of each what came of it:
// `node audit-writer.mjs <home> <what its request ids begin with>`.
import { writeSync } from 'node:fs'

const { AuditLog } = await import(new URL('../../dist/host-stub/agentcy/audit/audit-log.js', import.meta.url).href)

const quiet = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }
const [, , home, prefix] = process.argv
const audit = new AuditLog({ home, environment: {}, log: quiet })
const say = line => writeSync(1, `${line}\n`)

let told = 0
function tell(org) {
  const requestId = `${prefix}${String((told += 1)).padStart(8, '0')}`
  const entry = { category: 'policy', action: 'chat.tool.execute', decision: 'allow', user: null, rule: null }
  return audit
    .append(org, { ...entry, resource: {}, input: { text: 'x'.repeat(500) }, requestId, latencyMs: null })
    .then(
      () => say(`kept ${org} ${requestId}`),
      () => say(`refused ${org} ${requestId}`),
    )
}

for (;;) await Promise.all(['org_a', 'org_b', 'org_a'].map(tell))
