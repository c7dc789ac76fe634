import { count, type Ledger } from './ledger.ts'
import { attribute, children, stanza, type Stanza } from './stanza.ts'

/** The part of a connection that a queue needs. */
export interface Line {
  send(stanza: Stanza): void
}

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
  #line: Line | undefined
  #flushed = false
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
  }

  detach(line: Line): void {
    if (this.#line !== line) return
    this.#line = undefined
    this.#flushed = false
  }

  post(node: Stanza): void {
    const id = attribute(node, 'id') ?? ''
    this.#waiting.add(node)
    this.#byId.set(id, [...(this.#byId.get(id) ?? []), node])
    this.#noteSize()
    if (this.#flushed && !this.#barrier) this.#deliver(node)
  }

  /** Posts a stanza that holds up whatever follows. */
  postBarrier(node: Stanza): void {
    this.post(node)
    this.#barrier = node
  }

  /** Brings everything unsettled, marked as offline, then says that this was all. */
  flush(withholdMarker: boolean): void {
    const total = String(this.#waiting.size)
    if (this.#waiting.size > 0) {
      this.#line?.send(stanza('ib', {}, [stanza('offline_preview', this.#previewCounts())]))
    }
    for (const [index, node] of [...this.#waiting].entries()) {
      this.#deliver(node, { offline: String(index) })
      if (node === this.#barrier) break
    }
    this.#flushed = true
    if (!withholdMarker) this.#line?.send(stanza('ib', {}, [stanza('offline', { count: total })]))
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
    if (this.#flushed) for (const node of this.#waiting) this.#deliver(node)
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
