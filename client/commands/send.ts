import { randomUUID } from 'node:crypto'

import type { WireTransfer } from '../../plugin/contract/api/media.ts'
import type { SendAnswer, SendStatus } from '../../plugin/contract/api/sends.ts'
import { show } from '../command/answer.ts'
import { answering, type Command, type HostCall } from '../command/command.ts'
import { type Attachment, attachmentOf } from '../command/attachment.ts'
import { rejectionSentence } from '../texts/rejection-words.ts'
import { follow } from '../lists/follow.ts'
import { paintFor } from '../terminal/colour.ts'
import { createProgressBar } from '../terminal/progress-bar.ts'
import { calledWrongly, EXIT, type ExitCode, failed } from '../terminal/terminal.ts'
import { hasCome, idsOf, sendUntil, type Tick } from '../lists/ticks.ts'
import { writtenText } from '../terminal/written-text.ts'

/** Sends a text or a file. Ends when the host has accepted it, or when it has reached the status of --wait. */
export const SEND: Command = {
  name: 'send',
  parameters: ['<to>', '[text]'],
  summary: 'sends a text or a file to a person or a group',
  details: [
    'A person is +<number> or lid:<digits>, a group <digits>@g.us.',
    'The text "-" reads standard input, so that it appears in no list of processes.',
    'With a file the text is its caption. Ends with 0 when the host has accepted the message, or when',
    'it has reached the status of --wait; with 1 when it was refused, rejected or cancelled.',
  ],
  options: {
    account: 'the account, if not "default"',
    file: 'a file on this machine, at most 100 MiB',
    artifact: 'a file that the host stores',
    url: 'a file that the host downloads',
    as: 'how phones show it: image, video, gif, video_note, audio, voice, document, sticker',
    'reply-to': 'the id of the message that it answers',
    wait: 'waits until it is at WhatsApp ✓, on the phone ✓✓, or read',
  },
  examples: [
    "send +972500000002 'deploy complete'",
    'uptime | agentcy-whatsapp send +972500000002 - --wait delivered',
    "send 120363000000000001@g.us 'the plan' --file plan.pdf",
    'send +972500000002 yes --reply-to msg_01J00000000000000000000000 --json',
  ],
  place: 'host',
  run: send,
}

async function send(call: HostCall): Promise<ExitCode> {
  const { terminal, words, options } = call
  const [to = '', written] = words
  const files = [options.file, options.artifact, options.url].filter(each => each !== undefined)
  if (files.length > 1) return calledWrongly(terminal, 'Give one of --file, --artifact and --url.')
  if (files.length === 0 && written === undefined) {
    return calledWrongly(terminal, 'Give a text, or a file by --file, --artifact or --url.')
  }
  const text = written === undefined ? undefined : await writtenText(terminal, written)
  const attachment = await attachmentOf(call, text)
  const accept = () => handOver(call, { to, text, attachment })
  if (options.wait !== undefined) return sendAndWait(call, { tick: options.wait, attachment }, accept)
  await accept()
  return EXIT.done
}

type Saying = {
  readonly to: string
  readonly text: string | undefined
  readonly attachment: Attachment | null
}

async function handOver(call: HostCall, { to, text, attachment }: Saying): Promise<SendAnswer> {
  const { account, 'reply-to': reply_to } = call.options
  const said = attachment ? { media: attachment.media } : { text }
  const body = { to, ...said, ...(account !== undefined && { account }), ...(reply_to !== undefined && { reply_to }) }
  const accepted = await call.client.whatsapp.send.mutate(body, { context: { idempotencyKey: randomUUID() } })
  show(call, accepted, answer => idsOf(answer).map(id => `${answer.status} ${id}`))
  return accepted
}

const TICKS: Readonly<Record<Tick, string>> = { sent: '✓', delivered: '✓✓', read: '✓✓' }

/** The status to wait for, and the file that is sent. */
type Wish = { readonly tick: Tick; readonly attachment: Attachment | null }

async function sendAndWait(
  call: HostCall,
  { tick, attachment }: Wish,
  accept: () => Promise<SendAnswer>,
): Promise<ExitCode> {
  const { client, terminal } = call
  await answering(call)
  const over = new AbortController()
  const transfers = attachment?.isLarge === true ? followTransfers(call, over.signal) : null
  let ends: SendStatus[]
  try {
    const onAccepted = (found: SendStatus) => terminal.err.write(whyItWaits(found, Date.now()))
    ends = await sendUntil({ client, tick, signal: terminal.signal, onAccepted }, async () => {
      const accepted = await accept()
      transfers?.showOf(accepted.message_id)
      return accepted
    })
    if (ends.every(({ status }) => hasCome(status, tick))) transfers?.finish()
  } finally {
    over.abort()
  }
  const paint = paintFor(terminal)
  for (const end of ends) {
    show(call, end, ({ id, status }) => [
      hasCome(status, tick) ? `${paint('green', `${status} ${TICKS[tick]}`)} ${id}` : `${status} ${id}`,
    ])
  }
  const behind = ends.find(({ status }) => !hasCome(status, tick))
  return behind ? failed(terminal, whyNot(behind, tick)) : EXIT.done
}

const SOON_MS = 1_000

/** Why a send that waits for a number lookup is delayed. `whyItWaits` returns an empty text for a send that goes out at once. */
const NUMBER_WORDS = {
  lookup_budget: 'because the account has reached its limit of number lookups.',
  lookup_failed: 'when the number is looked up again.',
}

function whyItWaits({ held, earliest_at, waits_for }: SendStatus, nowMs: number): string {
  if (held !== null)
    return 'It is held, because the same text has gone to many chats. Cancel it, or wait for a person to do so.\n'
  if (waits_for === 'link') return 'It will be sent once the account is connected to WhatsApp.\n'
  if (earliest_at === null || Date.parse(earliest_at) <= nowMs + SOON_MS) return ''
  const why = waits_for === null || waits_for === 'lookup' ? 'because the account is paced.' : NUMBER_WORDS[waits_for]
  return `It will be sent at ${earliest_at} at the earliest, ${why}\n`
}

function whyNot({ status, code, detail }: SendStatus, tick: Tick): string {
  if (status === 'rejected') return `It was rejected. ${rejectionSentence(code, detail)}`
  if (status === 'expired') return 'It could not be sent in time, and is not retried.'
  if (status === 'cancelled') return 'It was cancelled before it was sent.'
  return `It is not ${tick} yet. The host continues without this command.`
}

/** Draws the progress of the upload from the host to WhatsApp, once the id of the file's message is known. */
function followTransfers({ client, terminal }: HostCall, signal: AbortSignal) {
  const tell = createProgressBar(terminal.err, 'host to WhatsApp')
  let shown: string | null = null
  let total: number | null = null
  const followed = follow<WireTransfer>(
    observer => client.whatsapp.transfers.watch.subscribe(undefined, observer),
    signal,
    ({ message_id, direction, done_bytes, total_bytes }) => {
      if (message_id !== shown || direction !== 'outbound' || total_bytes === null) return 'more'
      total = total_bytes
      tell(done_bytes, total_bytes)
      return 'more'
    },
  )
  // Any caller that may send may also watch transfers. A failed progress bar does not fail the send.
  followed.catch(() => undefined)
  return {
    showOf(message: string) {
      shown = message
    },
    /** Draws the full bar: the host reports each whole mebibyte, but not the remainder. */
    finish() {
      if (total !== null) tell(total, total)
    },
  }
}
