import '../messages/messages.css'

import { useState } from 'preact/hooks'

import { linkTo, useAddress } from '../hooks/address.ts'
import { useLinks } from '../data/links.ts'
import { AccountChoice } from '../messages/account-choice.tsx'
import { MessageTrace } from '../messages/message-trace.tsx'
import { Loops } from '../takeovers/loops.tsx'
import { MessageRow } from '../messages/message-row.tsx'
import { News } from '../messages/news.tsx'
import { nothingYet } from '../messages/nothing-yet.ts'
import { isUnmatched } from '../texts/outcome-words.ts'
import { Overview } from '../charts/overview.tsx'
import type { Progress } from '../parts/progress.ts'
import { rowsOf } from '../messages/rows.ts'
import { Takeovers } from '../takeovers/takeovers.tsx'
import { Trace } from '../explain/trace.tsx'
import { type LiveFeed, useFeed } from '../messages/use-feed.ts'
import { useProgress } from '../messages/use-progress.ts'
import { WriteBox } from '../messages/write-box.tsx'
import { Card } from '../parts/card.tsx'
import { Empty } from '../parts/empty.tsx'
import { Field } from '../parts/field.tsx'
import { Loaded } from '../parts/loaded.tsx'
import { RefusalNote } from '../parts/refusal-note.tsx'
import { viewTexts as texts } from '../texts/view-texts.ts'

function NoneYet({ account }: { account: string | null }) {
  const { accounts, linkOf } = useLinks()
  const known = (accounts.value ?? []).map(each => ({ ...each, connection: linkOf(each.account) ?? each.connection }))
  const found = nothingYet(known, account ?? '')
  const channels = <a href={linkTo('channels')}>{texts.channels}</a>
  return (
    <Empty title={texts.noMessagesYet}>
      {found.kind === 'write' && texts.writeTo(found.phone)}
      {found.kind === 'down' && (
        <>
          {texts.connectionIsDown} {channels} {texts.saysWhy}
        </>
      )}
      {found.kind === 'link' && (
        <>
          {texts.linkAPhoneUnder} {channels}
          {texts.thenWriteToIt}
        </>
      )}
    </Empty>
  )
}

function NothingThere({ unmatched, account }: { unmatched: boolean; account: string | null }) {
  if (unmatched) return <Empty title={texts.allWasAnswered}>{texts.lookFurtherBack}</Empty>
  return <NoneYet account={account} />
}

/** An opened message that is older than the listed ones. */
function FurtherBack({ id, progress }: { id: string; progress: Progress }) {
  return (
    <Card title={texts.aMessageFurtherBack}>
      <div class="story">
        <MessageTrace message={{ id }} progress={progress} />
        <Trace id={id} outcome={undefined} />
      </div>
      <p>
        <a href={linkTo('messages')}>{texts.close}</a>
      </p>
    </Card>
  )
}

type Listed = {
  readonly live: LiveFeed
  readonly progress: Progress
  readonly unmatched: boolean
  readonly account: string | null
}

function List({ live: { feed, older, asking, correct }, progress, unmatched, account }: Listed) {
  const [, opened] = useAddress()
  const rows = rowsOf(feed.messages)
  const shown = unmatched ? rows.filter(({ lead }) => isUnmatched(lead)) : rows
  const isThere = opened === undefined || feed.messages.some(({ id }) => id === opened)
  return (
    <>
      {!isThere && <FurtherBack id={opened} progress={progress} />}
      {shown.length === 0 && <NothingThere unmatched={unmatched && feed.messages.length > 0} account={account} />}
      <ol class="feed" aria-label={texts.messagesNewestFirst}>
        {shown.map(row => (
          <MessageRow
            key={row.lead.id}
            row={row}
            progress={progress}
            correct={correct}
            open={row.lead.id === opened || row.parts.some(({ id }) => id === opened)}
          />
        ))}
      </ol>
      {!feed.complete && (
        <button disabled={asking.busy} onClick={older}>
          {texts.olderMessages}
        </button>
      )}
      <RefusalNote refusal={asking.refusal} />
    </>
  )
}

function Feed({ account, progress, unmatched }: { account: string | null; progress: Progress; unmatched: boolean }) {
  const live = useFeed(account)
  return (
    <>
      {live.feed.messages.length > 0 && <Overview messages={live.feed.messages} progress={progress} />}
      <RefusalNote refusal={live.refusal} />
      <Loaded query={live.listed}>
        {() => (
          <>
            <News messages={live.feed.messages} />
            <Takeovers messages={live.feed.messages} />
            <Loops messages={live.feed.messages} />
            <List live={live} progress={progress} unmatched={unmatched} account={account} />
          </>
        )}
      </Loaded>
    </>
  )
}

/** The messages, live, and what became of them. */
export function Messages() {
  const progress = useProgress()
  const [account, setAccount] = useState('')
  const [unmatched, setUnmatched] = useState(false)
  return (
    <>
      <WriteBox progress={progress} />
      <div class="choices inline">
        <Field label={texts.show}>
          <select onChange={event => setUnmatched(event.currentTarget.value === 'unmatched')}>
            <option value="all">{texts.allMessages}</option>
            <option value="unmatched">{texts.unmatchedOnly}</option>
          </select>
        </Field>
        <AccountChoice label={texts.account} all={texts.allAccounts} chosen={setAccount} />
      </div>
      <Feed key={account} account={account === '' ? null : account} progress={progress} unmatched={unmatched} />
    </>
  )
}
