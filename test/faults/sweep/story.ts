import { proto } from '@whiskeysockets/baileys'

import type { GroupCharacter, PhoneCharacter, RunningNetwork } from '../../support/network.ts'

/** What a phone said in the story, and which agent is to answer it. */
export type Said = {
  readonly id: string
  readonly chat: string
  readonly kind: 'direct' | 'group' | 'edit' | 'revoke' | 'reaction' | 'album'
  readonly text: string
  readonly agent: 'echo' | 'bookkeeper' | null
  /** The id of the message that it edits. */
  readonly edits?: string
  /** The id of the first message of the question that it is a piece of, its own when it is that. */
  readonly question?: string
}

/** A story with the host that it needs. */
export type Tale = {
  /** What is said before the host starts, and then. */
  readonly prologue: (stage: Stage) => Promise<Said[]>
  readonly story: (stage: Stage, told: readonly Said[]) => Promise<Said[]>
  /** Beside the budgets, which are always lifted. */
  readonly settings: Record<string, unknown>
  readonly environment: Record<string, string>
  readonly media: boolean
  /** So long nothing may move before it is judged as it stands. */
  readonly restMs: number
}

/** The people of one story: new ones for each, so that every story begins with new sessions. */
export type Cast = {
  readonly owner: PhoneCharacter
  readonly contacts: readonly PhoneCharacter[]
  readonly group: GroupCharacter
}

/** What stands between the stages of the story. */
export type Stage = {
  readonly cast: Cast
  readonly network: RunningNetwork
  /** Sets this story's texts apart from those of all others. */
  readonly mark: string
  /** Called where the story lets the API send, with the number of the send. */
  readonly send: (number: number) => void
}

/** The first word of a line says who answers it. */
export const AGENTS = { echo: 'echo', book: 'bookkeeper' } as const
const ANSWERED_DIRECT = new Map<number, keyof typeof AGENTS>([
  [0, 'echo'],
  [1, 'echo'],
  [5, 'echo'],
  [7, 'book'],
  [8, 'echo'],
])
const ANSWERED_GROUP = new Map<number, keyof typeof AGENTS>([
  [0, 'echo'],
  [2, 'echo'],
])
const CONTACTS = ['alice', 'bob', 'carol'] as const
const OFFLINE_LINES = 4

export async function castOf(network: RunningNetwork, owner: PhoneCharacter, mark: string): Promise<Cast> {
  const contacts = await Promise.all(CONTACTS.map(name => network.phone(`${name}-${mark}`)))
  return { owner, contacts, group: await network.group(`team-${mark}`, [owner, ...contacts]) }
}

const stuckStatus = ({ network, cast }: Stage) => network.faults.stuckStatus(cast.owner, contactAt(cast, 0))

/** What is said while the account is offline: the first lines of each contact, and a status that is nobody's message. */
export async function tellPrologue(
  stage: Stage,
  status: (stage: Stage) => Promise<unknown> = stuckStatus,
): Promise<Said[]> {
  const said: Said[] = []
  for (let line = 0; line < OFFLINE_LINES; line += 1) said.push(await sayDirect(stage, line))
  await status(stage)
  said.push(await sayGroup(stage, 0))
  return said
}

/** The rest, said while the account is online, with a line that drops in the middle. */
export async function tellStory(stage: Stage, told: readonly Said[]): Promise<Said[]> {
  const { network, cast, send } = stage
  const said: Said[] = []
  const asks = (number: number) => (): Promise<undefined> => {
    send(number)
    return Promise.resolve(undefined)
  }
  const beats: (() => Promise<Said | undefined>)[] = [
    () => sayDirect(stage, 4),
    asks(0),
    () => sayDirect(stage, 5),
    () => sayGroup(stage, 1),
    () => edit(stage, told[0]),
    asks(1),
    () => sayDirect(stage, 6),
    () => sayDirect(stage, 7),
    () => network.faults.drop(cast.owner).then(() => undefined),
    () => sayDirect(stage, 8),
    () => sayGroup(stage, 2),
    asks(2),
    () => revoke(stage, told[3]),
    () => sayDirect(stage, 9),
    () => react(stage, told[2]),
    asks(3),
    () => sayDirect(stage, 10),
    () => sayGroup(stage, 3),
    () => sayDirect(stage, 11),
  ]
  for (const beat of beats) {
    const line = await beat()
    if (line) said.push(line)
  }
  return said
}

async function sayDirect({ cast, mark }: Stage, line: number): Promise<Said> {
  const contact = contactAt(cast, line)
  const word = ANSWERED_DIRECT.get(line)
  const text = `${word ?? 'note'} direct ${line} of ${mark}`
  const id = await contact.says(text, { to: cast.owner })
  return { id, chat: contact.name, kind: 'direct', text, agent: word ? AGENTS[word] : null }
}

async function sayGroup({ cast, mark }: Stage, line: number): Promise<Said> {
  const word = ANSWERED_GROUP.get(line)
  const text = `${word ?? 'note'} group ${line} of ${mark}`
  const id = await contactAt(cast, line).says(text, { to: cast.group })
  return { id, chat: cast.group.id, kind: 'group', text, agent: word ? AGENTS[word] : null }
}

async function edit({ cast, mark }: Stage, target: Said | undefined): Promise<Said> {
  const text = `echo edited of ${mark}`
  const change = { type: proto.Message.ProtocolMessage.Type.MESSAGE_EDIT, editedMessage: { conversation: text } }
  return { ...(await protocol(cast, target, change)), kind: 'edit', text, agent: null, edits: target?.id ?? '' }
}

async function revoke({ cast }: Stage, target: Said | undefined): Promise<Said> {
  const change = { type: proto.Message.ProtocolMessage.Type.REVOKE }
  return { ...(await protocol(cast, target, change)), kind: 'revoke', text: '', agent: null }
}

async function protocol(
  cast: Cast,
  target: Said | undefined,
  change: proto.Message.IProtocolMessage,
): Promise<Pick<Said, 'id' | 'chat'>> {
  const author = cast.contacts.find(({ name }) => name === target?.chat)
  if (!author || !target) throw new Error('the story changes what nobody said')
  const key = { id: target.id, fromMe: true, remoteJid: `${cast.owner.lid}@lid` }
  const bytes = proto.Message.encode({ protocolMessage: { ...change, key } }).finish()
  return { id: await author.sends(bytes, { to: cast.owner }), chat: author.name }
}

async function react({ cast }: Stage, target: Said | undefined): Promise<Said> {
  const author = cast.contacts.find(({ name }) => name === target?.chat)
  if (!author || !target) throw new Error('the story reacts to what nobody said')
  const id = await author.reacts('👍', { message: target.id })
  return { id, chat: author.name, kind: 'reaction', text: '', agent: null }
}

function contactAt({ contacts }: Cast, line: number): PhoneCharacter {
  const contact = contacts[line % contacts.length]
  if (!contact) throw new Error('the story has no contacts')
  return contact
}

/** Every kind of message that the account takes part in, sends of the API, and a line that drops in the middle. */
export const STORY: Tale = {
  prologue: tellPrologue,
  story: tellStory,
  settings: {},
  environment: {},
  media: false,
  restMs: 20_000,
}
