import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, it } from 'vitest'

import type { HostProcess } from '../support/host-process.ts'
import { PAGE_POLICY } from '../support/policy-folder.ts'
import { storiesInTurn } from '../support/stories-in-turn.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const { nextLinkedStory } = storiesInTurn()

const isQuestion = ({ text }: { text: string }): boolean => text.startsWith('Approval needed')

/** The page's own rule and nothing else: what the starters would say does not count here. */
async function onlyThePage(host: HostProcess): Promise<void> {
  const put = await host.request('PUT', '/api/v1/policies/whatsapp', { body: { source: PAGE_POLICY } })
  expect(put).toMatchObject({ status: 200, body: { status: 'in_force' } })
  for (const name of ['agentcy', 'api', 'connectors', 'tools']) {
    expect(await host.request('DELETE', `/api/v1/policies/${name}`)).toMatchObject({ status: 200 })
  }
}

it("the documents' policy blocks a write tool from a chat, lets a read tool pass, and the write after an approval in WhatsApp", async () => {
  await using story = await nextLinkedStory()
  const { network, client, owner, host } = story
  const [alice, carol] = [await network.phone('alice'), await network.phone('carol')]
  await onlyThePage(host)
  await host.writeSettings({ whatsapp: { approvers: [carol.phone] } })
  expect(await host.request('POST', '/api/v1/channels/reload')).toMatchObject({ status: 200 })
  await client.bindings.create.mutate({ agent: 'incident-responder', match_rule: { from: alice.phone } })

  await alice.says('status', { to: owner })
  await alice.hears(({ text }) => text.includes('api: up'), { from: owner })
  await alice.says('restart api', { to: owner })
  await alice.hears(({ text }) => text.includes('asked for approval'), { from: owner })
  const question = await carol.hears(isQuestion, { from: owner })
  expect(question.text).toContain('service.restart (write)')
  await carol.reacts('👍', { message: question.id })
  await alice.hears('That was approved.', { from: owner })
  await alice.hears('api: restarted', { from: owner })

  await host.request('PUT', '/api/v1/policies/closed', {
    body: {
      source: 'package agentcy.closed\n\ndeny[msg] { input.resource.tool == "service.status"; msg := "closed" }\n',
    },
  })
  await alice.says('status', { to: owner })
  await alice.hears(({ text }) => text.includes('closed'), { from: owner })

  const { body } = await host.request('GET', '/api/v1/policies/audit?action=chat.tool.execute&decision=deny')
  expect((body as { entries: { rule: string }[] }).entries.map(({ rule }) => rule)).toEqual([
    'agentcy.closed.deny',
    'agentcy.whatsapp.deny',
    'agentcy.whatsapp.deny',
  ])
})

it('a policy that is edited on the disk holds from the next tool call after a reload; a broken one leaves it in force', async () => {
  await using story = await nextLinkedStory()
  const { network, client, owner, host } = story
  const alice = await network.phone('alice')
  await onlyThePage(host)
  await client.bindings.create.mutate({ agent: 'incident-responder', match_rule: { from: alice.phone } })
  const file = join(host.home, 'agentcy', 'plugins', 'whatsapp', 'policies', 'org_local', 'whatsapp.rego')
  await host.writeSettings({ whatsapp: { limits: { reload_seconds: 0 } } })
  const reload = () => host.request('POST', '/api/v1/channels/reload')

  await writeFile(file, 'package agentcy.whatsapp\n\ndeny["not today"] { input.action == "chat.tool.execute" }\n')
  expect(await reload()).toMatchObject({ status: 200 })
  await alice.says('status', { to: owner })
  await alice.hears('That was not done: not today', { from: owner })

  await writeFile(file, 'package agentcy.whatsapp\n\ndeny[msg] {\n  msg := \n}\n')
  expect(await reload()).toMatchObject({
    status: 422,
    body: { error: { code: 'policy_refused', problems: [{ file: 'whatsapp', row: 5, column: 1 }] } },
  })
  await alice.says('status, please', { to: owner })
  await alice.says('status', { to: owner })
  await alice.hears(({ text }) => text.startsWith('I know two things'), { from: owner })
  await alice.hears('That was not done: not today', { from: owner })
})

it('an approval that is pending when the host is killed is given after it is up again, and its tool is called once', async () => {
  await using folder = await temporaryFolder()
  const book = join(folder.path, 'book')
  await using story = await nextLinkedStory({ host: { env: { BOOKKEEPER_BOOK: book } } })
  const { network, client, owner, host } = story
  const [alice, carol] = [await network.phone('alice'), await network.phone('carol')]
  await onlyThePage(host)
  await host.writeSettings({ whatsapp: { approvers: [carol.phone] } })
  await host.request('POST', '/api/v1/channels/reload')
  await client.bindings.create.mutate({ agent: 'bookkeeper', match_rule: { from: alice.phone } })
  await alice.says('one entry', { to: owner })
  const question = await carol.hears(isQuestion, { from: owner })
  await host.kill('SIGKILL')
  await carol.says('Yes', { to: owner, quotes: question.id })
  await host.restart()
  await alice.hears('In the book: one entry', { from: owner })
  expect((await readFile(book, 'utf8')).trim().split('\n')).toHaveLength(1)
  expect(await host.request('GET', '/api/v1/approvals')).toMatchObject({
    body: { approvals: [{ status: 'approved', tool: 'book.add' }] },
  })
})
