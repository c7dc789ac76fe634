import type { WireLink } from '../../contract/api/channels.ts'
import { Age } from '../parts/age.tsx'
import { lengthOf } from '../texts/words.ts'
import { useNow } from '../hooks/now.ts'
import { LastWords } from './last-words.tsx'
import { sentenceOf } from '../texts/link-words.ts'
import { pairingTexts as texts } from '../texts/pairing-texts.ts'
import type { Pairing, Stage } from './use-pairing.ts'
import { PairingPanel } from './pairing-panel.tsx'

function Countdown({ until }: { until: string }) {
  const left = Date.parse(until) - useNow()
  return <strong>{left > 0 ? texts.nextAttempt(lengthOf(left)) : texts.trying}</strong>
}

/** The linked number, and since when it is connected. */
function Linked({ link }: { link: WireLink }) {
  return (
    <dl class="facts">
      <dt>{texts.linkedNumber}</dt>
      <dd>{link.phone}</dd>
      <dt>{texts.connected}</dt>
      <dd>{link.since !== null && <Age at={link.since} />}</dd>
    </dl>
  )
}

/** Reasons for a stopped link that linking again can fix: a locked number may have moved to another phone. */
const LINK_AGAIN = new Set(['logged_out', 'locked'])

/** The state of an account's link, and what the user can do about it. */
export function LinkPanel({ link, stage, begin }: { link: WireLink; stage: Stage } & Pick<Pairing, 'begin'>) {
  switch (link.status) {
    case 'connected':
      return <Linked link={link} />
    case 'connecting':
      return <p role="status">{texts.connecting}</p>
    case 'degraded':
    case 'waiting':
      return (
        <>
          {link.phone !== null && <Linked link={link} />}
          <p class="note wait" role="status">
            {link.detail ?? sentenceOf(link.reason)} {link.retry_at !== null && <Countdown until={link.retry_at} />}
          </p>
          <LastWords said={link.whatsapp_said} />
        </>
      )
    case 'stopped':
      return (
        <>
          <p class="note bad">{link.detail ?? sentenceOf(link.reason)}</p>
          <LastWords said={link.whatsapp_said} />
          {LINK_AGAIN.has(link.reason ?? '') && <PairingPanel link={link} stage={stage} begin={begin} />}
        </>
      )
    case 'not_configured':
      return <p>{texts.saveFirst}</p>
    case 'not_paired':
    case 'pairing':
      return <PairingPanel link={link} stage={stage} begin={begin} />
  }
}
