import type { WireCalled, WireCourse, WireCourseReply, WireCourseStep } from '../../contract/api/message-trace.ts'
import type { WireTurn } from '../../contract/api/turns.ts'
import type { WireMessage } from '../../contract/api/messages.ts'
import { useAction } from '../data/action.ts'
import { linkTo } from '../hooks/address.ts'
import { useChannel } from '../data/channel.ts'
import { Age } from '../parts/age.tsx'
import type { Tone } from '../texts/tone.ts'
import { Badge } from '../parts/badge.tsx'
import { Loaded } from '../parts/loaded.tsx'
import { RefusalNote } from '../parts/refusal-note.tsx'
import { UntrustedLine } from '../parts/untrusted.tsx'
import { lengthOf, timeOf } from '../texts/words.ts'
import { useQuery } from '../data/query.ts'
import { isOpen, turnWords } from '../texts/outcome-words.ts'
import { chatKey, furthest, type Progress } from '../parts/progress.ts'
import { rejectionSentence } from '../../../client/texts/rejection-words.ts'
import { Ticks } from '../parts/ticks.tsx'
import { messageTexts as texts } from '../texts/message-texts.ts'

type StepWords = { readonly tone: Tone; readonly word: string }

const DECISIONS: Record<NonNullable<WireCourseStep['decision']>, StepWords> = {
  allow: { tone: 'good', word: 'allowed' },
  deny: { tone: 'bad', word: 'denied' },
  approval_required: { tone: 'wait', word: texts.needsAnApproval },
}

/** The decision on a call. A person's decision shows only in the call's status. */
function decisionWords({ decision, status }: WireCourseStep): StepWords | null {
  if (decision !== 'approval_required') return decision && DECISIONS[decision]
  if (status === 'started' || status === 'done') return { tone: 'good', word: 'approved' }
  return status === 'refused' ? { tone: 'bad', word: texts.notApproved } : DECISIONS[decision]
}

const STATUSES: Record<WireCourseStep['status'], string> = {
  awaiting_approval: texts.waitsForAPerson,
  started: 'begun',
  done: texts.hasAnswered,
  refused: texts.notDone,
  skipped: texts.skippedByAPerson,
}

function Called({ tool, called }: { tool: string; called: WireCalled }) {
  const { arguments: given, result, note, decided_by: by } = called
  return (
    <dl class="facts">
      {given !== null && (
        <>
          <dt>{texts.arguments}</dt>
          <dd>
            <UntrustedLine label={texts.argumentsOf(tool)} text={given} />
          </dd>
        </>
      )}
      {by && (
        <>
          <dt>{texts.decidedBy}</dt>
          <dd>{by.you ? texts.you : <bdi>{by.approver ?? by.user_id}</bdi>}</dd>
        </>
      )}
      {note !== null && (
        <>
          <dt>{texts.note}</dt>
          <dd>
            <bdi>{note}</bdi>
          </dd>
        </>
      )}
      {result !== null && (
        <>
          <dt>{texts.answer}</dt>
          <dd>
            <UntrustedLine label={texts.resultOf(tool)} text={result} />
          </dd>
        </>
      )}
    </dl>
  )
}

function Step({ step }: { step: WireCourseStep }) {
  const { tool, effect, status, reason, called } = step
  const decided = decisionWords(step)
  return (
    <li>
      <code>{tool}</code> <span class="quiet">({effect})</span>{' '}
      {decided && <Badge tone={decided.tone}>{decided.word}</Badge>} <span>{STATUSES[status]}</span>
      {reason !== null && (
        <p class="quiet">
          <bdi>{reason}</bdi>
        </p>
      )}
      {called && <Called tool={tool} called={called} />}
    </li>
  )
}

function Reply({ reply, progress }: { reply: WireCourseReply; progress: Progress }) {
  const { status, rejected_code: code, rejected_detail: detail, earliest_at: earliest, waits_for: waits } = reply
  const known = { status, code }
  const told = progress.ticks.get(reply.message_id)
  const at = reply.read_at ?? reply.delivered_at ?? reply.sent_at ?? reply.accepted_at
  return (
    <li>
      <Ticks tick={told ? furthest(told, known) : known} />{' '}
      <time class="quiet" dateTime={at}>
        {timeOf(at)}
      </time>
      {status === 'rejected' && <p class="quiet">{rejectionSentence(code, detail)}</p>}
      {waits === 'link' && <p class="quiet">{texts.notConnected}</p>}
      {earliest !== null && waits !== 'link' && (
        <p class="quiet">
          {texts.queuedNotBefore} <time dateTime={earliest}>{timeOf(earliest)}</time>.
        </p>
      )}
    </li>
  )
}

/** When the attempt started, its deadline, and the previous error, with a button to cancel. */
function UnderWay({ turn }: { turn: WireTurn }) {
  const { client } = useChannel()
  const { busy, refusal, run } = useAction()
  const { id, agent, status, failure, began_at: began, deadline_at: deadline } = turn
  return (
    <>
      {status === 'running' && began !== null && (
        <p class="quiet">
          {texts.begun} <Age at={began} />
          {deadline !== null && (
            <>
              {texts.endedAt}
              <time dateTime={deadline}>{timeOf(deadline)}</time>
              {texts.atTheLatest}
            </>
          )}
          .
        </p>
      )}
      {failure !== null && <UntrustedLine label={texts.errorOf(agent)} text={failure} />}
      {isOpen(turn) && (
        <button disabled={busy} onClick={() => void run(() => client.turns.cancel.mutate({ id }))}>
          {texts.cancel}
        </button>
      )}
      <RefusalNote refusal={refusal} />
    </>
  )
}

function Turn({ course: { turn, hops } }: { course: WireCourse }) {
  if (!turn) return <p class="quiet">{texts.noAgentRan}</p>
  const { tone, word } = turnWords(turn)
  const took = turn.ended_at === null ? null : Date.parse(turn.ended_at) - Date.parse(hops.received_at)
  return (
    <>
      <p>
        <code>{turn.agent}</code> <Badge tone={tone}>{word}</Badge>
        {turn.status === 'awaiting_approval' && (
          <>
            {' '}
            <a href={linkTo('approvals')}>{texts.decideUnderApprovals}</a>
          </>
        )}
        {turn.pieces > 1 && texts.aboutMessages(turn.pieces)}
        {turn.attempt > 1 && texts.atAttempt(turn.attempt)}
        {took !== null && (
          <span class="quiet">
            {' '}
            {texts.ended} {took < 1_000 ? texts.ms(took) : lengthOf(took)} {texts.afterItCame}
          </span>
        )}
        {turn.code !== null && (
          <>
            {' '}
            · <code>{turn.code}</code>
          </>
        )}
      </p>
      <UnderWay turn={turn} />
    </>
  )
}

/** The course of a message: its turn, the tool calls, and the replies; reloaded at each change. */
export function MessageTrace({
  message,
  progress,
}: {
  message: Pick<WireMessage, 'id'> & Partial<WireMessage>
  progress: Progress
}) {
  const { client } = useChannel()
  const { id, account = '', chat = '', gathered_in: head } = message
  const moves = [head ?? id, chatKey(account, chat)].map(key => progress.moves.get(key) ?? 0)
  const course = useQuery(
    signal => client.whatsapp.messages.course.query({ id }, { signal }),
    [id, moves.join(), progress.begun],
  )
  return (
    <Loaded query={course}>
      {value => (
        <>
          <h3>{texts.turn}</h3>
          <Turn course={value} />
          {value.steps.length > 0 && (
            <>
              <h3>{texts.toolCalls}</h3>
              <ol class="steps-taken">
                {value.steps.map(step => (
                  <Step key={step.number} step={step} />
                ))}
              </ol>
            </>
          )}
          {value.replies.length > 0 && (
            <>
              <h3>{texts.replies}</h3>
              <ol>
                {value.replies.map(reply => (
                  <Reply key={reply.send_id} reply={reply} progress={progress} />
                ))}
              </ol>
            </>
          )}
        </>
      )}
    </Loaded>
  )
}
