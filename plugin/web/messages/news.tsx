import { useEffect, useRef, useState } from 'preact/hooks'

import type { WireMessage } from '../../contract/api/messages.ts'
import { Announcement } from '../parts/announcement.tsx'
import { timeOf } from '../texts/words.ts'
import { arrivedSince } from './feed.ts'
import { messageTexts as texts } from '../texts/message-texts.ts'

/** Groups announcements, so that each message of a burst does not interrupt the screen reader. */
const TOGETHER_MS = 5_000

/** Announces new messages to screen readers while the view is mounted. */
export function News({ messages }: { messages: readonly WireMessage[] }) {
  const newest = messages[0]?.id ?? ''
  const known = useRef(newest)
  const latest = useRef(messages)
  latest.current = messages
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const [said, setSaid] = useState('')
  useEffect(() => {
    if (newest <= known.current) return
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      const arrived = arrivedSince(latest.current, known.current)
      known.current = latest.current[0]?.id ?? ''
      const [last] = arrived
      if (!last) return
      const count = arrived.length === 1 ? texts.aNewMessage : texts.newMessages(arrived.length)
      setSaid(texts.withTheLastOne(count, last.from, timeOf(last.received_at)))
    }, TOGETHER_MS)
  }, [newest])
  useEffect(() => () => clearTimeout(timer.current), [])
  return <Announcement>{said}</Announcement>
}
