import './health.css'

import type { WireAccount } from '../../contract/api/channels.ts'
import { Age } from '../parts/age.tsx'
import { Badge } from '../parts/badge.tsx'
import { timeOf } from '../texts/words.ts'
import { admissionFinding, type Finding, lineFinding } from '../texts/health-words.ts'
import { versionFinding } from '../texts/version-words.ts'
import { healthTexts as texts } from '../texts/health-texts.ts'

function Found({ finding, at }: { finding: Finding; at: string | null }) {
  const { tone, word, proof, unproven, sentence } = finding
  return (
    <>
      <Badge tone={tone}>{word}</Badge>{' '}
      <span class="quiet">
        {at === null ? (
          unproven
        ) : (
          <>
            {proof} <Age at={at} />
          </>
        )}
        {sentence !== null && `. ${sentence}`}
      </span>
    </>
  )
}

/** The WhatsApp Web version that is announced to WhatsApp, if there is something to report about it. */
function Version({ account }: { account: WireAccount }) {
  const found = versionFinding(account)
  return (
    found && (
      <>
        <dt>{texts.client}</dt>
        <dd>
          <Badge tone={found.tone}>{found.word}</Badge> <span class="quiet">{found.sentence}</span>
        </dd>
      </>
    )
  )
}

/**
 * The state of an account at WhatsApp: its connection and, separately, what WhatsApp accepts, each with the age of its evidence.
 */
export function Health({ account }: { account: WireAccount }) {
  const { health, new_chats_locked_until: lockedUntil, backlog } = account
  return (
    <dl class="facts health">
      <dt>{texts.line}</dt>
      <dd>
        <Found finding={lineFinding(health.transport)} at={health.transport.evidence_at} />
      </dd>
      <dt>{texts.messagesAccepted}</dt>
      <dd>
        <Found finding={admissionFinding(health.admission)} at={health.admission.evidence_at} />
      </dd>
      {backlog !== null && (
        <>
          <dt>{texts.messagesWaiting}</dt>
          <dd>
            <progress max={backlog.total} value={backlog.done} />{' '}
            <span class="quiet">
              {backlog.done} {texts.of} {backlog.total} {texts.haveComeIn}
            </span>
          </dd>
        </>
      )}
      {lockedUntil !== null && (
        <>
          <dt>{texts.newChats}</dt>
          <dd>
            <Badge tone="wait">{texts.locked}</Badge>{' '}
            <span class="quiet">
              {texts.until} <time dateTime={lockedUntil}>{timeOf(lockedUntil)}</time>
              {texts.answersGoOn}
            </span>
          </dd>
        </>
      )}
      <Version account={account} />
    </dl>
  )
}
