import { execFile } from 'node:child_process'
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, it, type TestContext } from 'vitest'

import { settingsOf } from '../support/artifacts.ts'
import { lookingBrowser } from '../support/browser.ts'
import { bucketEnvironment } from '../support/bucket-environment.ts'
import { startFaultyS3 } from '../support/faulty-s3.ts'
import { dribbles, modelEndpoint, refuses, says } from '../support/model-endpoint.ts'
import { readPrometheus } from '../support/prometheus.ts'
import { startLinkedStory, type LinkedStory } from '../support/story.ts'

const run = promisify(execFile)
const FOUND_MS = 100_000
const SOON = { timeout: 30_000, interval: 250 }

/** The problems that the metrics tell of, and what stands in the catalog, `status` and the page. */
async function seen({ host, client }: LinkedStory) {
  const { body } = await host.request('GET', '/metrics')
  const { samples } = readPrometheus(String(body))
  const metrics = samples.flatMap(({ name, labels, value }) =>
    name === 'whatsapp_problem' && value === 1 ? [labels['problem']] : [],
  )
  const { channels } = await client.channels.list.query()
  const [channel] = channels
  const { stdout, code } = await run(process.execPath, ['dist/client/cli.js', 'status'], {
    env: { PATH: process.env['PATH'], AGENTCY_URL: host.url, AGENTCY_TOKEN: host.token },
  }).then(
    done => ({ ...done, code: 0 }),
    (failed: { stdout: string; code: number }) => failed,
  )
  const ready = (await host.request('GET', '/readyz')).status
  return {
    metrics: [...new Set(metrics)].toSorted(),
    catalog: [...new Set(channel?.problems.map(({ code: problem }) => problem))].toSorted(),
    link: [channel?.connection.status, channel?.connection.reason],
    cli: { code, said: stdout },
    ready,
  }
}

/** What stands above a view, once the way to the approvals says `waiting`. */
const shownOn = async (
  context: TestContext,
  { host }: LinkedStory,
  { view, waiting = '' }: { view: string; waiting?: string },
): Promise<string> => {
  await using browser = await lookingBrowser(context)
  const page = await browser.open(`${host.url}/channels#${view}`, { token: host.token })
  const alert = page.getByRole('alert').filter({ hasText: /./ }).first()
  await alert.waitFor({ timeout: 20_000 })
  await page.getByRole('link', { name: new RegExp(`^Approvals\\s*${waiting}`) }).waitFor()
  return await alert.innerText()
}

const WELL = { metrics: [], catalog: [], link: ['connected', null], cli: { code: 0 }, ready: 200 }

it(
  'an agent that hangs, one that fails and a server of files that is away are each seen by page, command line and metrics, and nothing is lost',
  { timeout: 240_000 },
  async context => {
    await using s3 = await startFaultyS3()
    await using endpoint = await modelEndpoint(dribbles, refuses(400), refuses(400), refuses(400), says('here'))
    const model = {
      ASSISTANT_BASE_URL: endpoint.url,
      ASSISTANT_MODEL: 'parrot-1',
      ASSISTANT_API_KEY: 'sk-problems-key',
    }
    const env = { ...bucketEnvironment(s3, settingsOf(s3).prefix), ...model }
    await using story = await startLinkedStory({ network: { media: true }, host: { env } })
    const { network, client, owner, host } = story
    const [alice, bob, carol] = await Promise.all(['alice', 'bob', 'carol'].map(name => network.phone(name)))
    if (!alice || !bob || !carol) throw new Error('nobody is there')
    for (const { phone } of [alice, bob])
      await client.bindings.create.mutate({ agent: 'assistant', match_rule: { from: phone } })
    await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
    await expect.poll(() => seen(story), SOON).toMatchObject(WELL)

    await alice.says('are you there?', { to: owner })
    await expect.poll(() => endpoint.asked.length, SOON).toBe(1)
    await bob.says('hello?', { to: owner })
    for (const operation of ['get', 'put', 'head', 'names', 'begin'] as const)
      s3.fails({ operation, key: '', fault: 'unavailable' })
    await carol.sendsFile(
      { kind: 'document', mime: 'a/b', sizeBytes: 10, seed: 'kept', caption: 'kept' },
      { to: owner },
    )

    const wrong = ['agent_failing', 'dead_letters', 'files_unreachable', 'turn_too_long']
    await expect
      .poll(() => seen(story), { timeout: FOUND_MS, interval: 1_000 })
      .toMatchObject({
        metrics: wrong,
        catalog: wrong,
        link: ['degraded', 'files_unreachable'],
        cli: { code: 1 },
        ready: 200,
      })
    const { cli } = await seen(story)
    for (const words of ['Files cannot be stored', 'assistant failed 3 times', 'more than a minute', 'given up'])
      expect(cli.said).toContain(words)
    for (const view of ['messages', 'policies', 'audit'])
      expect(await shownOn(context, story, { view, waiting: '1 waiting' })).toContain('Files cannot be stored')

    s3.recovers()
    await carol.hears('kept', { from: owner, withinMs: 90_000 })
    const { turns } = await client.turns.list.query({ status: 'dead_letter' })
    for (const { id } of turns) await client.turns.retry.mutate({ id })
    await bob.hears('here', { from: owner, withinMs: 30_000 })
    const logged = host
      .logs()
      .split('\n')
      .filter(line => line.includes('"problem"'))
    expect(logged.filter(line => line.includes('files_unreachable') && line.includes('"error"'))).toHaveLength(1)
    expect(host.logs()).not.toContain('are you there')
  },
)

/** A disk of its own; the test is skipped where nobody may mount one. */
async function smallDisk(context: TestContext): Promise<AsyncDisposable & { folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'small-disk-'))
  await run('mount', ['-t', 'tmpfs', '-o', 'size=48m,mode=0700', 'tmpfs', folder]).catch(async () => {
    await rm(folder, { recursive: true })
    context.skip('this user may not mount a disk of its own')
  })
  return {
    folder,
    async [Symbol.asyncDispose]() {
      await run('umount', ['-l', folder])
      await rm(folder, { recursive: true })
    },
  }
}

it(
  'a full disk is seen by page, command line, metrics and probe; what was written meanwhile is answered once there is room',
  { timeout: 240_000 },
  async context => {
    await using disk = await smallDisk(context)
    await using story = await startLinkedStory({ host: { home: disk.folder } })
    const { network, client, owner, host } = story
    const alice = await network.phone('alice')
    await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
    await alice.says('before', { to: owner })
    await alice.hears('before', { from: owner })

    const filler = join(disk.folder, 'filler')
    const { bavail, bsize } = await statfs(disk.folder)
    await writeFile(filler, Buffer.alloc(bavail * bsize)).catch(() => undefined)
    const texts = ['one', 'two', 'three', 'four', 'five', 'six']
    for (const text of texts) await alice.says(text, { to: owner })
    await expect
      .poll(() => seen(story), { timeout: FOUND_MS, interval: 500 })
      .toMatchObject({
        metrics: expect.arrayContaining(['disk_full']) as string[],
        link: ['degraded', 'disk_full'],
        cli: { code: 1, said: expect.stringContaining('The disk with the channel') as string },
        ready: 503,
      })
    expect((await host.request('GET', '/healthz')).status).toBe(200)
    expect(await shownOn(context, story, { view: 'messages' })).toContain('Free space on the disk')
    expect(await (await fetch(`${host.url}/readyz`)).json()).toEqual({ status: 'not_ready' })

    await rm(filler)
    for (const text of texts) await alice.hears(text, { from: owner, withinMs: 60_000 })
    await expect.poll(() => seen(story), { timeout: FOUND_MS, interval: 1_000 }).toMatchObject(WELL)
  },
)
