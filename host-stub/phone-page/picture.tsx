import { useEffect, useState } from 'preact/hooks'

import type { PhoneCard } from '../whatsapp/contract/control-contract.ts'
import type { ScreenLine } from '../whatsapp/world/ledger.ts'
import { call } from './control.ts'

const SHOWN = /^image\/(png|jpeg|gif|webp)$/

/** The file of a message: a picture if the phone has all of it, otherwise its name. */
export function Picture({ me, line }: { me: PhoneCard; line: ScreenLine }) {
  const { id, file } = line
  const [source, setSource] = useState<string | null>(null)
  const mime = file?.mime ?? ''
  useEffect(() => {
    if (!SHOWN.test(mime)) return
    call('phones/file', { name: me.name, message: id }).then(
      ({ head, size_bytes: size }) => {
        // A longer file would give only half a picture.
        if (atob(head).length === size) setSource(`data:${mime};base64,${head}`)
      },
      () => undefined,
    )
  }, [me.name, id, mime])
  if (source !== null) return <img src={source} alt={file?.caption || 'Picture'} />
  return <p class="file">📎 {file?.name || mime || 'A file'}</p>
}
