import type { ControlClient } from '../../../host-stub/whatsapp/client/control-client.ts'
import { call, type Answer, type Call } from '../../support/api.ts'
import type { Draw } from '../../support/drawing.ts'
import type { ModelStandIn } from '../../support/model-endpoint.ts'
import type { PhoneCharacter } from '../../support/network.ts'

/** How something that was tried came out. `broken`: it had no answer in time, or its line was cut. */
export type Outcome = 'accepted' | 'refused' | 'broken'
export type Tally = Record<Outcome, number>

/** One try of an attack. */
export type Deed = (draw: Draw) => Promise<Outcome>

/** What the attackers hold: tokens of org B, its linked number, and people who write to it. */
export type Arena = {
  readonly url: string
  readonly port: number
  readonly admins: readonly string[]
  /** Of org B's owner, whom no policy locks out. */
  readonly owner: string
  readonly network: ControlClient
  /** Whose number org B has linked, and org A. */
  readonly ours: PhoneCharacter
  readonly theirs: PhoneCharacter
  /** The model that org B's agent asks. */
  readonly model: ModelStandIn
  /** What nobody should reach: a port where nobody should connect, a file that nobody should read. */
  readonly canary: Canary
  /** Calls the host, and looks at whether the answer holds what is in the file. */
  readonly request: (path: string, options: Call) => Promise<Answer>
}

/** One input of a table, the worst of its kind that is taken, and how it is tried. */
export type Row = { readonly kind: string; readonly name: string; readonly deed: Deed }

/** A table as rows of a kind. */
export const rowsIn = (kind: string, table: Readonly<Record<string, Deed>>): Row[] =>
  Object.entries(table).map(([name, deed]) => ({ kind, name, deed }))

/** Where it lies, where it listens, and the words in it. */
export type Canary = { readonly port: number; readonly file: string; readonly words: string }

export const outcomeOf = (status: number): Outcome => (status < 400 ? 'accepted' : status < 500 ? 'refused' : 'broken')

/** Makes calls for an arena; `leaked` is told of each answer with the canary's words in it. */
export const requestsOf =
  (url: string, { words, file }: Canary, leaked: (path: string) => void): Arena['request'] =>
  async (path, options) => {
    const answer = await call(`${url}${path}`, options)
    if (answer.text.includes(words) || answer.text.includes(file)) leaked(path.split('?', 1).join(''))
    return answer
  }

/** Tries one of several. */
export const anyOf =
  (...deeds: readonly Deed[]): Deed =>
  draw => {
    const deed = deeds[draw(deeds.length)]
    if (!deed) throw new TypeError('there is nothing to try')
    return deed(draw)
  }
