import type { Behaviours } from './behaviours.ts'
import { count, type Ledger } from './ledger.ts'
import { Recent } from './recent.ts'
import { attribute, children, contentBytes, stanza, type Stanza } from '../wire/stanza.ts'

/** The part of a connection that a queue needs. */
export interface Line {
  send(stanza: Stanza): void
}

/** How the backlog is sent at a login; without pages all of it at once. */
export interface FlushRules {
  pages: Behaviours['offline_pages']
  preview: Behaviours['offline_preview']
  withholdMarker: boolean
}

const pushed: FlushRules = { pages: null, preview: 'right', withholdMarker: false }

const remembered = { entries: 20_000, bytes: 32 * 2 ** 20 }
const retryTypes = new Set(['retry', 'read', 'read-self', 'played', 'played-self', 'hist_sync'])

/**
 * The queue of one linked device. A stanza leaves it only when the device has sent a receipt or an ack for it; until then it is
 * sent again at every login.
 */
export class DeviceQueue {
  readonly #owner: string
  readonly #ledger: Ledger
  /** In order of arrival; `#byId` finds one of thousands quickly. */
  readonly #waiting = new Set<Stanza>()
  readonly #byId = new Map<string, Stanza[]>()
  readonly #past = new Recent<Stanza, Stanza>(remembered)
  /** Sent to the device since its login, and not settled. */
  readonly #owed = new Set<Stanza>()
  #line: Line | undefined
  #flushed = false
  #rules = pushed
  /** The part of the backlog that was not sent yet, and how many stanzas of the backlog were sent. */
  #unasked: Stanza[] = []
  #given = 0
  /** How many stanzas the device requested that it does not get before the barrier is acknowledged. */
  #unmet = 0
  /** Nothing behind this stanza is sent before it is acknowledged without an error. */
  #barrier: Stanza | undefined

  constructor(owner: string, ledger: Ledger) {
    this.#owner = owner
    this.#ledger = ledger
  }

  get size(): number {
    return this.#waiting.size
  }

  /** Starts a connection. New stanzas are held back until the flush, so that they never overtake older ones. */
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

  /** The first stanza that was sent on this connection and is not settled; undefined if there is none. */
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

  /** Posts a stanza that holds back everything behind it. */
  postBarrier(node: Stanza): void {
    this.post(node)
    this.#barrier = node
  }

  /** Sends the unsettled stanzas, marked as offline: all of them or the primer; the end marker follows the last one. */
  flush(rules: FlushRules): void {
    this.#rules = rules
    this.#unasked = [...this.#waiting]
    this.#given = 0
    this.#unmet = 0
    if (this.#waiting.size > 0) this.#announce()
    this.#flushed = true
    this.#give(rules.pages ? rules.pages.primer : this.#unasked.length)
  }

  /** The device requests this many more. */
  more(asked: number): void {
    if (this.#unasked.length > 0) this.#give(this.#rules.pages?.page ?? asked)
  }

  /** Removes the stanzas that the device's receipt or ack settles. */
  settle(word: Stanza): void {
    const type = attribute(word, 'type')
    if (word.tag === 'receipt' && type !== undefined && retryTypes.has(type)) return
    const items = children(word)
      .flatMap(list => children(list, 'item'))
      .map(item => attribute(item, 'id'))
    for (const id of [attribute(word, 'id'), ...items]) if (id !== undefined) this.#forget(id, word)
  }

  /** Sends earlier stanzas again, byte for byte: all of them, or those with the given ids. */
  redeliver(ids?: string[]): number {
    const again = this.#past.values().filter(node => ids?.includes(attribute(node, 'id') ?? '') ?? true)
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

  /** Sends the next part of the backlog, at most up to the barrier. */
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
    this.#past.add(node, node, contentBytes(node))
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

/** Whether a receipt or ack belongs to this stanza; stanzas of several chats may wait under the same id. */
function answers(word: Stanza, node: Stanza): boolean {
  // Baileys leaves out `to` in its receipt for messages that the account's own phone sent under its number.
  if (attribute(word, 'type') === 'sender' && attribute(word, 'to') === undefined) {
    return attribute(word, 'recipient') === attribute(node, 'recipient')
  }
  return (
    attribute(word, 'to') === attribute(node, 'from') &&
    attribute(word, 'participant') === attribute(node, 'participant') &&
    (word.tag === 'receipt' || attribute(word, 'type') === attribute(node, 'type'))
  )
}
