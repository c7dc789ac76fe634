import { useState } from 'preact/hooks'

import type { PhoneCard } from '../whatsapp/contract/control-contract.ts'
import type { ScreenLine } from '../whatsapp/world/ledger.ts'
import { type Chat, wordsOf } from './chats.ts'
import { call } from './control.ts'
import { useDeed } from './deed.ts'
import { type OutgoingFile, readFile, samplePicture, samplePictures } from './outgoing-file.ts'
import { sendFiles } from './outgoing-album.ts'
import { Refusal } from './refusal.tsx'

/** No phone has this name. */
const EVERYBODY = '*'

function Mention({ others, value, choose }: { others: Chat['others']; value: string; choose: (name: string) => void }) {
  return (
    <label>
      <span>Mention</span>
      <select value={value} onChange={event => choose(event.currentTarget.value)}>
        <option value="">nobody</option>
        <option value={EVERYBODY}>everybody</option>
        {others.map(({ name, push_name: title }) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </select>
    </label>
  )
}

function Attach({ send, busy }: { send: (read: () => Promise<OutgoingFile[]>) => void; busy: boolean }) {
  return (
    <div class="inline attach">
      <label>
        <span>Pictures or files</span>
        <input
          type="file"
          multiple
          disabled={busy}
          onChange={event => {
            const input = event.currentTarget
            const files = [...(input.files ?? [])]
            if (files.length > 0) send(() => Promise.all(files.map(readFile)))
            input.value = ''
          }}
        />
      </label>
      <button type="button" disabled={busy} onClick={() => send(async () => [await samplePicture()])}>
        Send a sample picture
      </button>
      <button type="button" disabled={busy} onClick={() => send(samplePictures)}>
        Send a sample album
      </button>
    </div>
  )
}

function AsForwarded({ checked, choose }: { checked: boolean; choose: (checked: boolean) => void }) {
  return (
    <label class="inline">
      <input type="checkbox" checked={checked} onChange={event => choose(event.currentTarget.checked)} />
      As something forwarded
    </label>
  )
}

/** Puts the mention before the text. */
const wordsTo = (mentioned: string, text: string): string =>
  mentioned === '' ? text : `@${mentioned === EVERYBODY ? 'all' : mentioned} ${text}`

/** The remarks of a message: whom it mentions, what it quotes, and whether it is forwarded. */
function remarksOf(quoted: ScreenLine | null, mentioned: string, isForwarded: boolean) {
  const whom = mentioned === EVERYBODY ? { mentions_all: 'mark' as const } : { mentions: [mentioned] }
  return { ...(quoted && { quotes: quoted.id }), ...(mentioned !== '' && whom), ...(isForwarded && { forwarded: 1 }) }
}

type Composed = { me: PhoneCard; chat: Chat; quoted: ScreenLine | null; unquote: () => void }

/** The form to write into a chat: a text, which may quote and mention, or files with the text as caption of the first. */
export function Composer({ me, chat, quoted, unquote }: Composed) {
  const [text, setText] = useState('')
  const [mentioned, setMentioned] = useState('')
  const [isForwarded, setForwarded] = useState(false)
  const { busy, refusal, run } = useDeed()
  const begin = async (work: () => Promise<unknown>): Promise<void> => {
    if (!(await run(work))) return
    setText('')
    setMentioned('')
    setForwarded(false)
    unquote()
  }
  const say = (event: Event): void => {
    event.preventDefault()
    const said = { text: wordsTo(mentioned, text), ...remarksOf(quoted, mentioned, isForwarded) }
    void begin(() => call('phones/say', { name: me.name, to: chat.to, ...said }))
  }
  const send = (read: () => Promise<OutgoingFile[]>): void => {
    const words = { caption: text.trim() === '' ? null : text, isForwarded }
    void begin(async () => sendFiles(await read(), { name: me.name, to: chat.to }, words))
  }
  if (!me.online) return <p class="note">This phone is offline: what is written to it waits. Go online to write.</p>
  return (
    <form class="composer" onSubmit={say}>
      {quoted && (
        <p class="note">
          You answer “{wordsOf(quoted)}”. <button onClick={unquote}>Quote nothing</button>
        </p>
      )}
      {'group' in chat.to && <Mention others={chat.others} value={mentioned} choose={setMentioned} />}
      <div class="inline write">
        <label>
          <span>Message</span>
          <input value={text} autocomplete="off" onInput={event => setText(event.currentTarget.value)} />
        </label>
        <button class="primary" disabled={busy || text.trim() === ''}>
          Send
        </button>
      </div>
      <AsForwarded checked={isForwarded} choose={setForwarded} />
      <Attach send={send} busy={busy} />
      <Refusal>{refusal}</Refusal>
    </form>
  )
}
