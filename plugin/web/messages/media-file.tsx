import { useEffect, useState } from 'preact/hooks'

import { fileWord } from '../../../client/texts/kind-words.ts'
import { useAction } from '../data/action.ts'
import { type Channel, useChannel } from '../data/channel.ts'
import { RefusalNote } from '../parts/refusal-note.tsx'
import { type File, isPicture, problemSentence, sizeWords } from '../texts/media-words.ts'
import { messageTexts as texts } from '../texts/message-texts.ts'

const WHATEVER = 'application/octet-stream'

/** An object URL for a file's bytes. Only pictures keep their type: a stranger's file must never open as a page of ours. */
async function addressOf(channel: Channel, file: File): Promise<string> {
  const response = await channel.get(`/api/v1/artifacts/${file.artifact_id ?? ''}`, AbortSignal.timeout(120_000))
  const bytes = await response.arrayBuffer()
  return URL.createObjectURL(new Blob([bytes], { type: isPicture(file) ? (file.mime ?? WHATEVER) : WHATEVER }))
}

async function save(channel: Channel, file: File): Promise<void> {
  const address = await addressOf(channel, file)
  const link = document.createElement('a')
  link.href = address
  link.download = file.file_name ?? `${file.kind}-${file.artifact_id}`
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}

function Picture({ file }: { file: File }) {
  const channel = useChannel()
  const { busy, refusal, run } = useAction()
  const [address, setAddress] = useState<string | null>(null)
  useEffect(() => () => void (address === null || URL.revokeObjectURL(address)), [address])
  if (address !== null)
    return <img class="thumbnail" src={address} alt={texts.fileOfKind(fileWord(file.kind).toLowerCase())} />
  return (
    <>
      <button disabled={busy} onClick={() => void run(async () => setAddress(await addressOf(channel, file)))}>
        {texts.show}
      </button>
      <RefusalNote refusal={refusal} />
    </>
  )
}

/** A file of a message; its bytes are loaded only on request. */
export function MediaFile({ file }: { file: File }) {
  const channel = useChannel()
  const { busy, refusal, run } = useAction()
  return (
    <div class="file">
      <span>
        {fileWord(file.kind)}
        {file.file_name !== null && (
          <>
            {' '}
            <bdi>{file.file_name}</bdi>
          </>
        )}
        {file.size !== null && <span class="quiet"> · {sizeWords(file.size)}</span>}
      </span>
      {file.problem !== null && <span class="quiet">{problemSentence(file.problem)}</span>}
      {file.artifact_id !== null && (
        <>
          {isPicture(file) && <Picture file={file} />}
          <button disabled={busy} onClick={() => void run(() => save(channel, file))}>
            {texts.save}
          </button>
          <RefusalNote refusal={refusal} />
        </>
      )}
      {file.artifact_id === null && file.problem === null && <span class="quiet">{texts.notFetchedYet}</span>}
    </div>
  )
}
