import type { WireMessage } from '../contract/api/messages.ts'
import type { MessageContent } from '../contract/content.ts'
import type { OutboundContent } from '../contract/delivery.ts'
import type { ChannelMessage } from '../contract/host.ts'
import type { StoredAttachment } from '../store/messages/attachments.ts'

/** The file of a message as agents get it. */
export function filesOf(attachment: StoredAttachment | null): Pick<ChannelMessage, 'media' | 'files'> {
  if (!attachment) return { media: [], files: [] }
  const { kind, artifact, failure } = attachment
  const problem = artifact ? null : (failure ?? 'late')
  return { media: artifact ? [artifact.id] : [], files: [{ kind, artifact, problem }] }
}

/** The same in its form for the API. */
export function wireFilesOf(
  attachment: StoredAttachment | null,
  content: MessageContent | OutboundContent,
): WireMessage['media'] {
  if (!attachment) return []
  const { kind, artifact, failure } = attachment
  const said = 'media' in content ? content.media.fileName : null
  return [
    {
      kind,
      artifact_id: artifact?.id ?? null,
      mime: artifact?.mime ?? null,
      size: artifact?.sizeBytes ?? null,
      sha256: artifact?.sha256 ?? null,
      file_name: artifact?.fileName ?? said,
      problem: failure,
    },
  ]
}
