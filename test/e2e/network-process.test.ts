import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { connectControl } from '../../host-stub/whatsapp/client/control-client.ts'
import { networkState } from '../../host-stub/whatsapp/contract/control-contract.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = fileURLToPath(new URL('../../dist/host-stub/whatsapp/', import.meta.url))
const run = promisify(execFile)

async function startProgram(stateFile: string) {
  const child = spawn(process.execPath, [join(folder, 'main.js'), '--state-file', stateFile], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return {
    child,
    state: networkState.parse(JSON.parse(line.toString())),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

it('says where it is, shuts out strangers, and ends with whoever started it', async () => {
  await using temporary = await temporaryFolder()
  const stateFile = join(temporary.path, 'network.json')
  await using program = await startProgram(stateFile)
  const { child, state } = program
  expect(networkState.parse(JSON.parse(await readFile(stateFile, 'utf8')))).toEqual(state)
  expect((await stat(stateFile)).mode & 0o777).toBe(0o600)
  const stranger = await fetch(`${state.control}/phones/list`, { method: 'POST', body: '{}' })
  expect(stranger.status).toBe(401)

  const gone = once(child, 'exit', { signal: AbortSignal.timeout(5000) })
  child.stdin.end()
  expect(await gone).toEqual([0, null])
})

const commandsOn =
  (stateFile: string) =>
  async (...words: string[]): Promise<string> =>
    (
      await run(process.execPath, [join(folder, 'client', 'phone-cli.js'), ...words, '--network', stateFile])
    ).stdout.trim()

it('lets a person drive the phones from the command line', async () => {
  await using temporary = await temporaryFolder()
  const stateFile = join(temporary.path, 'network.json')
  await using program = await startProgram(stateFile)
  const phone = commandsOn(stateFile)

  expect(await phone('say', 'alice', 'hello', 'there', '--to', 'bob')).toBe('alice → bob: sent.')
  expect(await phone('hears', 'bob')).toContain('alice: hello there')
  expect(await phone('react', 'bob', '👍')).toBe('bob reacted.')
  expect(await phone('hears', 'alice')).toContain('👍 (reaction)')
  expect(await phone('group', 'Team', 'alice', 'bob')).toContain('@g.us')
  expect(await phone('say', 'bob', 'all of you', '--to', 'Team')).toBe('bob → Team: sent.')
  expect(await phone('list')).toMatch(/alice {2}\+\d+ {2}lid:\d+\nbob .*\nTeam /)
  expect(await phone('scan')).toContain('No QR code is shown')
  const control = connectControl(program.state)
  await control.show('not a code')
  expect(await phone('scan')).toBe('owner could not link: unreadable_code.')
  expect(await phone('help')).toContain('npm run phone -- say alice')
  await expect(phone('hears')).rejects.toThrow('a name is missing')
})

it('lets a person set the timer of a chat from the command line, and sends nothing as an album that is none', async () => {
  await using temporary = await temporaryFolder()
  const stateFile = join(temporary.path, 'network.json')
  await using program = await startProgram(stateFile)
  const phone = commandsOn(stateFile)
  const control = connectControl(program.state)
  const [alice, bob] = [await control.phone('alice'), await control.phone('bob')]
  expect(await phone('timer', 'alice', '24h', '--to', 'bob')).toBe('alice → bob: what is said disappears after 24h.')
  expect(await bob.hears(({ timerSet }) => timerSet !== undefined)).toMatchObject({ timerSet: 86_400 })
  await alice.says('soon gone', { to: bob })
  expect((await bob.hears('soon gone')).expiration).toBe(86_400)
  await expect(phone('timer', 'alice', 'soon')).rejects.toThrow('soon is no number')
  await expect(phone('album', 'alice', 'notes.txt', '--to', 'bob')).rejects.toThrow('notes.txt is no piece of an album')
})
