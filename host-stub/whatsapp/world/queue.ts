import type { Behaviours } from './behaviours.ts'
import { count, type Ledger } from './ledger.ts'
import { attribute, children, stanza, type Stanza } from '../wire/stanza.ts'

/** The part of a connection that a queue needs. */
export interface Line {
  send(stanza: Stanza): void
}

/** How what waits is brought at a login; without pages all of it at once. */
export interface FlushRules {
  pages: Behaviours['offline_pages']
  preview: Behaviours['offline_preview']
  withholdMarker: boolean
}

const pushed: FlushRules = { pages: null, preview: 'right', withholdMarker: false }

const rememberedStanzas = 20_000
const retryTypes = new Set(['retry', 'read', 'read-self', 'played', 'played-self', 'hist_sync'])

/**
 * What waits for one linked device. A stanza leaves only when the device wrote a receipt or an ack for it; until then
 * every login brings it again.
 */
export class DeviceQueue {
  readonly #owner: string
  readonly #ledger: Ledger
  /** In order of arrival; `#byId` finds one of thousands quickly. */
  readonly #waiting = new Set<Stanza>()
  readonly #byId = new Map<string, Stanza[]>()
  readonly #past = new Set<Stanza>()
  /** Given to the device since its login, and not settled. */
  readonly #owed = new Set<Stanza>()
  #line: Line | undefined
  #flushed = false
  #rules = pushed
  /** What the device has not asked for yet, and how many of what waited it was given. */
  #unasked: Stanza[] = []
  #given = 0
  /** What it asked for and does not get before the barrier is acknowledged. */
  #unmet = 0
  /** Nothing behind it is brought before it was acknowledged without any complaint. */
  #barrier: Stanza | undefined

  constructor(owner: string, ledger: Ledger) {
    this.#owner = owner
    this.#ledger = ledger
  }

  get size(): number {
    return this.#waiting.size
  }

  /** Live stanzas are held back until the flush, so that they never overtake older ones. */
  attach(line: Line): void {
    this.#line = line
    this.#flushed = false
    this.#unasked = []
    this.#owed.clear()
  }

  detach(line: Line): void {
    if (this.#line !== line) return
    this.#line = undefined
    this.#flushed = false
    this.#unasked = []
  }

  /** What was given to the device on its line and is not answered for; undefined when nothing is. */
  get owed(): Stanza | undefined {
    const [first] = this.#owed
    return first
  }

  post(node: Stanza): void {
    const id = attribute(node, 'id') ?? ''
    this.#waiting.add(node)
    this.#byId.set(id, [...(this.#byId.get(id) ?? []), node])
    this.#noteSize()
    if (!this.#flushed || this.#barrier) return
    if (this.#unasked.length > 0 && this.#rules.pages?.live === 'at_the_end') this.#unasked.push(node)
    else this.#deliver(node)
  }

  /** Posts a stanza that holds up whatever follows. */
  postBarrier(node: Stanza): void {
    this.post(node)
    this.#barrier = node
  }

  /** Brings what is unsettled, marked as offline: all of it or its primer; then, when it was all, says so. */
  flush(rules: FlushRules): void {
    this.#rules = rules
    this.#unasked = [...this.#waiting]
    this.#given = 0
    this.#unmet = 0
    if (this.#waiting.size > 0) this.#announce()
    this.#flushed = true
    this.#give(rules.pages ? rules.pages.primer : this.#unasked.length)
  }

  /** The device asks for so many more. */
  more(asked: number): void {
    if (this.#unasked.length > 0) this.#give(this.#rules.pages?.page ?? asked)
  }

  /** The device's receipt or ack arrived: forget what it settles. */
  settle(word: Stanza): void {
    const type = attribute(word, 'type')
    if (word.tag === 'receipt' && type !== undefined && retryTypes.has(type)) return
    const items = children(word)
      .flatMap(list => children(list, 'item'))
      .map(item => attribute(item, 'id'))
    for (const id of [attribute(word, 'id'), ...items]) if (id !== undefined) this.#forget(id, word)
  }

  /** Sends again, byte for byte, what was sent before: all of it, or the given ids. */
  redeliver(ids?: string[]): number {
    const again = [...this.#past].filter(node => ids?.includes(attribute(node, 'id') ?? '') ?? true)
    for (const node of again) this.#deliver(node)
    return again.length
  }

  #forget(id: string, word: Stanza): void {
    const kind = word.tag === 'receipt' ? 'message' : attribute(word, 'class')
    const candidates = (this.#byId.get(id) ?? []).filter(node => node.tag === kind)
    const settled = candidates.find(node => answers(word, node))
    if (!settled || (settled === this.#barrier && !isPlainAck(word))) return
    this.#waiting.delete(settled)
    this.#owed.delete(settled)
    const rest = (this.#byId.get(id) ?? []).filter(node => node !== settled)
    if (rest.length > 0) this.#byId.set(id, rest)
    else this.#byId.delete(id)
    this.#noteSize()
    this.#ledger.write(page => {
      count(page.settled, this.#owner)
    })
    if (settled.tag === 'message') this.#noteSettled(id, word)
    if (settled === this.#barrier) this.#liftBarrier()
  }

  #liftBarrier(): void {
    this.#barrier = undefined
    if (!this.#flushed) return
    const most = this.#rules.pages ? this.#unmet : this.#unasked.length
    this.#unmet = 0
    if (most > 0 && this.#unasked.length > 0) this.#give(most)
    const unasked = new Set(this.#unasked)
    for (const node of this.#waiting) if (!this.#owed.has(node) && !unasked.has(node)) this.#deliver(node)
  }

  /** Gives the next of what waited, no further than the barrier. */
  #give(most: number): void {
    if (this.#barrier && this.#owed.has(this.#barrier)) {
      this.#unmet = most
      return
    }
    const end = this.#barrier ? this.#unasked.indexOf(this.#barrier) + 1 : 0
    for (const node of this.#unasked.splice(0, end > 0 ? Math.min(end, most) : most)) {
      if (this.#waiting.has(node)) this.#deliver(node, { offline: String(this.#given++) })
    }
    if (this.#unasked.length > 0 || this.#rules.withholdMarker) return
    this.#line?.send(stanza('ib', {}, [stanza('offline', { count: String(this.#given) })]))
  }

  #announce(): void {
    const { preview } = this.#rules
    if (preview === 'unsaid') return
    const { count: total, ...kinds } = this.#previewCounts()
    const said = preview === 'right' ? total : preview === 'absent' ? undefined : preview.count
    this.#line?.send(stanza('ib', {}, [stanza('offline_preview', { count: said, ...kinds })]))
  }

  #noteSettled(id: string, word: Stanza): void {
    const error = attribute(word, 'error')
    this.#ledger.notePassage(id, 'settled_at')
    this.#ledger.writeMessage(id, record => {
      record.settlements += 1
      if (error !== undefined) record.errors.push(error)
    })
  }

  #deliver(node: Stanza, marks: Record<string, string> = {}): void {
    if (!this.#line) return
    this.#line.send({ ...node, attrs: { ...node.attrs, ...marks } })
    if (this.#waiting.has(node)) this.#owed.add(node)
    const before = this.#past.has(node)
    this.#past.add(node)
    const [oldest] = this.#past
    if (this.#past.size > rememberedStanzas && oldest) this.#past.delete(oldest)
    this.#ledger.write(page => {
      count(before ? page.redelivered : page.delivered, this.#owner)
    })
    if (node.tag !== 'message') return
    const id = attribute(node, 'id') ?? ''
    this.#ledger.notePassage(id, 'delivered_at')
    this.#ledger.writeMessage(id, record => record.deliveries++)
  }

  #previewCounts(): Record<string, string> {
    const of = (tag: string) => String([...this.#waiting].filter(node => node.tag === tag).length)
    return { count: String(this.#waiting.size), message: of('message'), receipt: of('receipt') }
  }

  #noteSize(): void {
    this.#ledger.write(page => {
      page.queued[this.#owner] = this.#waiting.size
    })
  }
}

const isPlainAck = (word: Stanza): boolean => word.tag === 'ack' && attribute(word, 'error') === undefined

/** Whether a receipt or ack is the one for this stanza: the same id may be waiting from several chats. */
function answers(word: Stanza, node: Stanza): boolean {
  // Baileys names no addressee in its receipt for what the account's own phone wrote under its number.
  if (attribute(word, 'type') === 'sender' && attribute(word, 'to') === undefined) {
    return attribute(word, 'recipient') === attribute(node, 'recipient')
  }
  return (
    attribute(word, 'to') === attribute(node, 'from') &&
    attribute(word, 'participant') === attribute(node, 'participant') &&
    (word.tag === 'receipt' || attribute(word, 'type') === attribute(node, 'type'))
  )
}
