import { useState } from 'preact/hooks'

import { kindWords, TEXT_WITHHELD } from '../../../client/texts/kind-words.ts'
import type { WireMessage } from '../../contract/api/messages.ts'
import { excerptOf } from './excerpt.ts'
import { MediaFile } from './media-file.tsx'
import { messageTexts as texts } from '../texts/message-texts.ts'

/** Long texts are cut until the user wants all of it. */
function Text({ text }: { text: string }) {
  const [wanted, setWanted] = useState(false)
  const excerpt = wanted ? null : excerptOf(text)
  return (
    <>
      <p class="said">
        <bdi>{excerpt === null ? text : `${excerpt}…`}</bdi>
      </p>
      {excerpt !== null && <button onClick={() => setWanted(true)}>{texts.showAll}</button>}
    </>
  )
}

/** All of its values may be a stranger's words. */
function Details({ words, details }: { words: string } & Pick<WireMessage, 'details'>) {
  const known = Object.entries(details ?? {}).filter(([, value]) => value !== null && value !== '')
  return (
    <>
      <p class="quiet">{words}</p>
      {known.length > 0 && (
        <dl class="facts">
          {known.map(([name, value]) => (
            <>
              <dt>{name.replaceAll('_', ' ')}</dt>
              <dd class="said">
                <bdi>{typeof value === 'string' ? value : JSON.stringify(value)}</bdi>
              </dd>
            </>
          ))}
        </dl>
      )}
    </>
  )
}

/** Phones show a message as often forwarded from a score of five. */
const OFTEN = 5
const oftenWords = (score: number): string => (score >= OFTEN ? texts.andOftenBefore : '')

/** The quoted message with its picture; marks a quote that is only claimed. */
function Quoted({ quoted }: { quoted: NonNullable<WireMessage['quoted']> }) {
  const { from, kind, text, media, claimed } = quoted
  return (
    <blockquote class="quoted">
      <p class="quiet">
        {claimed ? texts.claimsToQuote : texts.quotes} <bdi>{from ?? texts.somebody}</bdi>
        {claimed && texts.notStored}
        {kind === 'revoke' && texts.itWasDeleted}
      </p>
      {text !== null && <Text text={text} />}
      {media.map(file => (
        <MediaFile key={file.artifact_id} file={file} />
      ))}
    </blockquote>
  )
}

/** The content of a message, always shown as plain text. */
export function MessageContent({
  message: { text, kind, details, quoted, claimed, mentions_all: mentionsAll, media },
}: {
  message: WireMessage
}) {
  const words = kindWords(kind)
  return (
    <>
      {claimed.forwarded && (
        <p class="quiet">
          {texts.forwarded}
          {oftenWords(claimed.forwarding_score)}
        </p>
      )}
      {mentionsAll && <p class="quiet">{texts.mentionsEverybody}</p>}
      {quoted && <Quoted quoted={quoted} />}
      {text !== null && <Text text={text} />}
      {words !== null && <Details words={words} details={details} />}
      {text === null && (kind === 'text' || kind === 'edit') && <p class="quiet">{TEXT_WITHHELD}</p>}
      {media.map(file => (
        <MediaFile key={file.artifact_id} file={file} />
      ))}
    </>
  )
}
