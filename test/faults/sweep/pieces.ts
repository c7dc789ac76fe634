import { sendAlbum } from '../../../host-stub/whatsapp/client/album-sending.ts'
import type { PhoneCharacter } from '../../support/network.ts'
import { PNG } from '../../support/samples.ts'
import { AGENTS, type Said, type Stage, type Tale } from './story.ts'

const WITHOUT_END = 1_000_000

/**
 * What is said in several messages is one question, before the host starts and on a line that drops, and so is an album; answers
 * wait for their place behind others of their chat.
 */
export const PIECES: Tale = {
  prologue: async stage => {
    const alice = contact(stage, 0)
    return [...(await inPieces(stage, alice, 3)), await book(stage, alice)]
  },
  story: async stage => {
    const [bob, carol] = [contact(stage, 1), contact(stage, 2)]
    const asked = [...(await inPieces(stage, bob, 2)), await book(stage, bob)]
    await stage.network.faults.drop(stage.cast.owner)
    return [...asked, ...(await album(stage, carol)), await book(stage, carol)]
  },
  settings: {
    gather_ms: 1_500,
    pacing: {
      raise: true,
      replies_per_minute: WITHOUT_END,
      replies_per_hour: WITHOUT_END,
      days_1_to_2_per_day: WITHOUT_END,
      days_3_to_5_per_day: WITHOUT_END,
      days_6_to_10_per_day: WITHOUT_END,
    },
  },
  environment: { WHATSAPP_PACING: 'on', WHATSAPP_LOOP_GUARD: 'off' },
  media: true,
  restMs: 45_000,
}

function contact({ cast }: Stage, which: number): PhoneCharacter {
  const found = cast.contacts[which]
  if (!found) throw new Error('the story has no contacts')
  return found
}

/** One question in so many texts, each of which the agent would answer by itself. */
async function inPieces({ cast, mark }: Stage, by: PhoneCharacter, pieces: number): Promise<Said[]> {
  const said: Said[] = []
  for (let piece = 1; piece <= pieces; piece += 1) {
    const text = `echo piece ${piece} by ${by.name} of ${mark}`
    const id = await by.says(text, { to: cast.owner })
    said.push({ id, chat: by.name, kind: 'direct', text, agent: AGENTS.echo, question: said[0]?.id ?? id })
  }
  return said
}

/** Another agent is asked at once: its answer waits behind the first one's. */
async function book({ cast, mark }: Stage, by: PhoneCharacter): Promise<Said> {
  const text = `book line by ${by.name} of ${mark}`
  return { id: await by.says(text, { to: cast.owner }), chat: by.name, kind: 'direct', text, agent: AGENTS.book }
}

async function album({ cast, mark }: Stage, by: PhoneCharacter): Promise<Said[]> {
  const captions = [1, 2].map(picture => `echo picture ${picture} by ${by.name} of ${mark}`)
  const pictures = captions.map(caption => ({ kind: 'image', mime: 'image/png', bytes: PNG, caption }) as const)
  const { id, pieces } = await sendAlbum(by, pictures, { to: cast.owner })
  const question = pieces[0]?.id ?? ''
  return [
    { id, chat: by.name, kind: 'album', text: '', agent: null },
    ...pieces.map((piece, at): Said => ({
      id: piece.id,
      chat: by.name,
      kind: 'direct',
      text: captions[at] ?? '',
      agent: AGENTS.echo,
      question,
    })),
  ]
}
