import type { WireMessage } from '../../contract/api/messages.ts'
import type { MatchRule } from '../../contract/binding.ts'
import { useAction } from '../data/action.ts'
import { linkTo } from '../hooks/address.ts'
import { writtenDraft } from '../bindings/draft.ts'
import { useChannel } from '../data/channel.ts'
import { useLinks } from '../data/links.ts'
import { RefusalNote } from '../parts/refusal-note.tsx'
import { reasonSentence } from '../texts/outcome-words.ts'
import { messageTexts as texts } from '../texts/message-texts.ts'

/** A rule that matches messages of the same group or sender; with several accounts, only of the same number. */
function ruleOf({ group, from, to }: WireMessage, several: boolean): MatchRule {
  const where = group === null ? { from } : { group }
  return { channel: 'whatsapp', ...where, ...(several && group === null && { to }) }
}

/** Why nobody answers a message, with the actions to change that. */
export function NoAnswer({ message, correct }: { message: WireMessage; correct: (message: WireMessage) => void }) {
  const { client } = useChannel()
  const { accounts } = useLinks()
  const { busy, refusal, run } = useAction()
  const rule = ruleOf(message, (accounts.value?.length ?? 0) > 1)
  const replay = (): void => {
    void run(async () => {
      const { outcome, binding_id } = await client.bindings.replay.mutate({ message_id: message.id })
      correct({ ...message, outcome, binding_id })
    })
  }
  return (
    <div class="note wait">
      <p>{reasonSentence(message.outcome) ?? message.outcome}</p>
      <p class="inline">
        <a class="button" href={linkTo('bindings', 'new', writtenDraft(rule, ''))}>
          {texts.addABinding}
        </a>
        <button disabled={busy} onClick={replay}>
          {texts.matchItAgain}
        </button>
      </p>
      <RefusalNote refusal={refusal} />
    </div>
  )
}
