import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { extname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { sendAlbum } from './album-sending.ts'
import { networkState } from '../contract/control-contract.ts'
import { connectControl, type ControlClient } from './control-client.ts'
import type { Heard } from '../world/ledger.ts'
import type { PairingOutcome } from '../world/registration.ts'
import type { FileSent, GroupCharacter, PhoneCharacter } from './phone-character.ts'

const help = `Drives the simulated phones of a running demo.

  npm run phone -- scan [--as owner] [code]   look at the QR code that the demo shows (or at the given one; "-" reads it from stdin)
  npm run phone -- code [--as owner] <code>   type the code of a device that wants to be linked ("-" reads it from stdin)
  npm run phone -- say <name> <text> [--to owner|<name>|<group>] [--by lid|pn]
  npm run phone -- album <name> <file>... [--to …] [--caption <text>] [--announce <number>] [--pause <seconds>]
                                              send pictures and videos as one album, perhaps fewer than it announces
  npm run phone -- timer <name> off|24h|7d|90d|<seconds> [--to …]
                                              after how long what is said in that chat disappears
  npm run phone -- group <subject> <name>...  make a group of these people
  npm run phone -- react <name> <emoji>       react to the last message on that phone
  npm run phone -- hears <name>               print what that phone received
  npm run phone -- offline <name>             and: online <name>
  npm run phone -- unlink [name]              remove the linked devices of a phone
  npm run phone -- list                       phones, how many devices are linked to each, and groups

A name that is new gets a phone. The network is found by $AGENTCY_HOME/simulated/network.json, or --network <file>.

  npm run phone -- say alice "what is the status?"
  npm run phone -- group Team owner alice bob
  npm run phone -- say bob "@agent hello" --to Team
`

interface Wish {
  words: string[]
  as: string
  to: string
  by: 'lid' | 'pn' | undefined
  caption?: string | undefined
  announce?: string | undefined
  pause?: string | undefined
}

type Command = (control: ControlClient, wish: Wish) => Promise<string>

const commands: Record<string, Command> = {
  scan: async (control, { words: [given], as }) => {
    const code = given === '-' ? await readStdin() : (given ?? (await control.shown()))
    if (!code) return 'No QR code is shown right now. Start the demo first.'
    const outcome = await (await control.phone(as)).scan(code)
    return linking(as, outcome)
  },
  code: async (control, { words: [given], as }) => {
    const code = given === '-' ? await readStdin() : required(given, 'a code')
    return linking(as, await (await control.phone(as)).entersCode(code))
  },
  say: async (control, { words: [name, ...text], to, by }) => {
    const speaker = await control.phone(required(name, 'a name'))
    const target = await findTarget(control, to)
    await speaker.says(required(text.join(' '), 'a text'), { to: target, ...(by && { addressedBy: by }) })
    return `${speaker.name} → ${'name' in target ? target.name : target.subject}: sent.`
  },
  album: async (control, { words: [name, ...files], to, by, caption, announce, pause }) => {
    const sender = await control.phone(required(name, 'a name'))
    required(files[0], 'a file')
    const pieces = await Promise.all(files.map((file, index) => readPiece(file, index === 0 ? caption : undefined)))
    const target = await findTarget(control, to)
    const pauseMs = numberOf(pause, 0) * 1_000
    await sendAlbum(sender, pieces, {
      to: target,
      ...(by && { addressedBy: by }),
      ...(announce !== undefined && { announced: { images: numberOf(announce, 0) } }),
      between: () => setTimeout(pauseMs),
    })
    return `${sender.name} → ${'name' in target ? target.name : target.subject}: an album of ${pieces.length}.`
  },
  timer: async (control, { words: [name, time], to }) => {
    const setter = await control.phone(required(name, 'a name'))
    const given = required(time, 'a time')
    const target = await findTarget(control, to)
    const seconds = timers[given] ?? numberOf(given, 0)
    await setter.setsTimer(seconds, target)
    const what = seconds === 0 ? 'stays' : `disappears after ${given}`
    return `${setter.name} → ${'name' in target ? target.name : target.subject}: what is said ${what}.`
  },
  group: async (control, { words: [subject, ...names] }) => {
    const members = await Promise.all(names.map(name => control.phone(name)))
    const group = await control.group(required(subject, 'a subject'), members)
    return `${group.subject} is ${group.id}.`
  },
  react: async (control, { words: [name, emoji] }) => {
    const phone = await control.phone(required(name, 'a name'))
    const last = (await phone.heard()).at(-1)
    if (!last) return `${phone.name} has received nothing to react to.`
    await phone.reacts(required(emoji, 'an emoji'), { message: last.id })
    return `${phone.name} reacted.`
  },
  hears: async (control, { words: [name] }) => {
    const heard = await (await control.phone(required(name, 'a name'))).heard()
    return heard.map(describe).join('\n') || 'Nothing so far.'
  },
  offline: async (control, { words: [name] }) => {
    await (await control.phone(required(name, 'a name'))).goesOffline()
    return `${name} is offline.`
  },
  online: async (control, { words: [name] }) => {
    await (await control.phone(required(name, 'a name'))).comesOnline()
    return `${name} is online.`
  },
  unlink: async (control, { words: [name = 'owner'] }) => {
    await (await control.phone(name)).removesDevice()
    return `${name} removed the linked devices.`
  },
  list: async control => {
    const phones = (await control.phones()).map(async each => {
      const { length } = await each.devices()
      const linked = length === 0 ? '' : `  ${length} linked`
      return `${each.name}  ${each.phone}  lid:${each.lid}${linked}`
    })
    const groups = (await control.groups()).map(({ subject, id }) => `${subject}  ${id}`)
    return [...(await Promise.all(phones)), ...groups].join('\n') || 'Nobody is there yet.'
  },
}

function linking(name: string, outcome: PairingOutcome): string {
  return outcome.linked ? `${name} linked the device ${outcome.device}.` : `${name} could not link: ${outcome.why}.`
}

function describe({ at, from, chat, text, reaction, kind }: Heard): string {
  const where = 'group' in chat ? ` in ${chat.group}` : ''
  const what = reaction ? `${reaction.emoji} (reaction)` : text || `(${kind})`
  return `${at.slice(11, 19)} ${from.name}${where}: ${what}`
}

async function findTarget(control: ControlClient, to: string): Promise<PhoneCharacter | GroupCharacter> {
  const group = (await control.groups()).find(({ id, subject }) => id === to || subject === to)
  return group ?? control.phone(to)
}

const timers: Record<string, number> = { off: 0, '24h': 86_400, '7d': 604_800, '90d': 7_776_000 }

const pieceTypes: Record<string, Pick<FileSent, 'kind' | 'mime'>> = {
  '.jpg': { kind: 'image', mime: 'image/jpeg' },
  '.jpeg': { kind: 'image', mime: 'image/jpeg' },
  '.png': { kind: 'image', mime: 'image/png' },
  '.mp4': { kind: 'video', mime: 'video/mp4' },
}

async function readPiece(file: string, caption: string | undefined): Promise<FileSent> {
  const type = pieceTypes[extname(file).toLowerCase()]
  if (!type) throw new Error(`${file} is no piece of an album: ${Object.keys(pieceTypes).join(', ')} are`)
  return { ...type, bytes: await readFile(file), ...(caption !== undefined && { caption }) }
}

function numberOf(word: string | undefined, usual: number): number {
  const number = Number(word ?? usual)
  if (!Number.isFinite(number) || number < 0) throw new Error(`${word} is no number; see \`npm run phone -- --help\``)
  return number
}

function required(word: string | undefined, what: string): string {
  if (!word) throw new Error(`${what} is missing; see \`npm run phone -- --help\``)
  return word
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8').trim()
}

async function connect(file: string): Promise<ControlClient> {
  try {
    return connectControl(networkState.parse(JSON.parse(await readFile(file, 'utf8'))))
  } catch {
    throw new Error(`no network is described in ${file}; start \`npm run demo\` first`)
  }
}

async function main(): Promise<string> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      announce: { type: 'string' },
      as: { type: 'string', default: 'owner' },
      by: { type: 'string' },
      caption: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
      network: { type: 'string' },
      pause: { type: 'string' },
      to: { type: 'string', default: 'owner' },
    },
  })
  const [name = 'help', ...words] = positionals
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (values.help === true || name === 'help') return help
  if (!command) throw new Error(`There is no command "${name}"; see \`npm run phone -- --help\``)
  const home = process.env['AGENTCY_HOME'] ?? join(homedir(), '.agentcy')
  const control = await connect(values.network ?? join(home, 'simulated', 'network.json'))
  const by = values.by === 'lid' || values.by === 'pn' ? values.by : undefined
  return command(control, { ...values, words, by })
}

try {
  process.stdout.write(`${await main()}\n`)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
