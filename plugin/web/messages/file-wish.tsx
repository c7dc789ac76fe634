import { useEffect, useState } from 'preact/hooks'

import type { WireMessage } from '../../contract/api/messages.ts'
import { useAction } from '../data/action.ts'
import { useChannel } from '../data/channel.ts'
import { RefusalNote } from '../parts/refusal-note.tsx'
import { messageTexts as texts } from '../texts/message-texts.ts'

type Wish = { readonly message: WireMessage; readonly correct: (message: WireMessage) => void }

/** Downloads the file of an opened message, once automatically, and again on request; shows refusals only on request. */
export function FileWish({ message, correct }: Wish) {
  const { client } = useChannel()
  const { busy, refusal, run } = useAction()
  const [isOpening, setOpening] = useState(false)
  const { id, media } = message
  const isMissing = media.some(({ artifact_id }) => artifact_id === null)
  const isUntried = media.some(({ artifact_id, problem }) => artifact_id === null && problem === null)
  const fetch = async (): Promise<void> => {
    const { media: found } = await client.whatsapp.messages.fetchFile.mutate({ id })
    correct({ ...message, media: found })
  }
  useEffect(() => {
    if (!isUntried) return
    setOpening(true)
    // A user who may not download it did not request it, so the refusal is not shown.
    void fetch()
      .catch(() => undefined)
      .finally(() => setOpening(false))
  }, [id])
  if (!isMissing) return null
  return (
    <div class="inline">
      {busy || isOpening ? (
        <span class="quiet" role="status">
          {texts.downloading}
        </span>
      ) : (
        <button onClick={() => void run(fetch)}>{texts.downloadTheFile}</button>
      )}
      <RefusalNote refusal={refusal} />
    </div>
  )
}
